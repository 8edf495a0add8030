import {
  type AnnotatedItem,
  type Annotation,
  type DatasetView,
  type Json,
  type Mask,
  MAX_BITMAP_PIXELS,
  mergeMasks,
  readMask,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { isFileName } from '../shared/is-path-name.ts'
import { encodeMaskPng } from '../shared/mask-png.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { MASKS } from './find-images.ts'

const HOLDS: Holdings = { format: 'mvtec-ad', fields: new Set(['category']) }

/** Writes images into folders of subsets and defects, and a mask for each image that has some. */
export async function writeMvtecAd(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const defects = new Map<string, string>()
  for (const { key, name } of dataset.schema.categories) {
    if (isFileName(name) && name !== MASKS) defects.set(key, name)
  }
  const seen = new Set<string>()
  const writer: Writer = { folder, context, defects, seen, used: new Set() }
  for await (const item of dataset.items()) await writeItem(writer, item)
  for (const { name } of dataset.schema.categories) {
    if (!seen.has(name)) context.onLoss({ what: 'category', where: name })
  }
  return null
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  /** Names of folders by category. */
  readonly defects: ReadonlyMap<string, string>
  /** Defects that have an image: no other is read again. */
  readonly seen: Set<string>
  readonly used: Set<string>
}

async function writeItem(writer: Writer, item: AnnotatedItem): Promise<void> {
  const { folder, context, defects, seen, used } = writer
  const { onLoss, layer, signal } = context
  signal.throwIfAborted()
  const medium = imageOf(item, onLoss)
  if (medium === undefined) return
  const where = `${item.subset}/${item.id}`
  const annotations = item.layers[layer] ?? []
  const isDefect = ({ category = '' }: Annotation): boolean => defects.has(category)
  const label =
    annotations.find((each) => each.type === 'label' && isDefect(each)) ??
    // A mask says the defect too; the label is made when it is read.
    annotations.find((each) => each.type === 'mask' && isDefect(each))
  const defect = defects.get(label?.category ?? '')
  const { object, name } = placeOf(item.id, defect)
  const id = `${object}${defect === undefined ? '' : `${defect}/`}${name}`
  const path = `${object}${item.subset}/${defect === undefined ? '' : `${defect}/`}${name}`
  if (used.has(path) || item.subset === MASKS || safeMediaName(path) !== path) {
    onLoss({ what: 'item', where: `${where}: there can be no image called so` })
    return
  }
  used.add(path)
  if (id !== item.id) onLoss({ what: 'item', where: `${where}: it is called ${id}` })
  if (defect !== undefined) seen.add(defect)
  reportItemLosses(item, HOLDS, layer, onLoss)
  const masks: Mask[] = []
  for (const annotation of annotations) {
    const mask = maskOf(annotation, label, masks[0])
    if (mask === undefined && (annotation !== label || annotation.type === 'mask')) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    if (mask === undefined) continue
    if (annotation.category !== label?.category) onLoss({ what: 'field: category', where })
    // All defects of an image are one mask.
    if (masks.length > 0) onLoss({ what: 'annotation: mask', where })
    masks.push(mask)
  }
  if (masks.length > 0 && defect !== undefined) {
    const file = `${object}${MASKS}/${defect}/${name}_mask.png`
    if (used.has(file))
      onLoss({ what: 'annotation: mask', where: `${where}: ${file} is of another` })
    else await folder.write(file, encodeMaskPng(mergeMasks(masks, 'union'), 255))
    used.add(file)
  }
  if (medium.blob !== undefined) {
    await folder.placeMedia(`${path}${suffixOf(medium.path, '.png')}`, medium)
  }
}

/** An id is object, defect and name; or it becomes a name. */
function placeOf(
  id: string,
  defect: string | undefined,
): { readonly object: string; readonly name: string } {
  const segments = id.split('/')
  if (defect !== undefined && segments.length > 1 && segments.at(-2) === defect) {
    const object = segments
      .slice(0, -2)
      .map((segment) => `${segment}/`)
      .join('')
    return { object, name: segments.at(-1) ?? '' }
  }
  return { object: '', name: segments.join('__') }
}

/** The mask of an annotation, when it can be drawn beside the one before. */
function maskOf(
  annotation: Annotation,
  label: Annotation | undefined,
  before: Mask | undefined,
): Mask | undefined {
  if (annotation.type !== 'mask' || label === undefined) return undefined
  const mask = readMask(annotation)
  if (mask === undefined) return undefined
  const { width, height } = mask
  if (width * height === 0 || width * height > MAX_BITMAP_PIXELS) return undefined
  const isSame = before === undefined || (before.width === width && before.height === height)
  return isSame ? mask : undefined
}
