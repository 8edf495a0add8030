import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { folderOf, ownExtra } from '../shared/subset-files.ts'
import { isSameKey, itemKeyOf, usualPath } from './item-path.ts'
import { LABELS_PATH, type LabelmeLayout, layoutFromJson, layoutToJson } from './layout.ts'
import { shapesOf } from './write-shapes.ts'

const HOLDS: Holdings = { format: 'labelme', fields: new Set(['category']) }
/** The release whose form is written. */
const RELEASE = '5.5.0'

/** Writes a file for each image, with the image beside it, and the list of classes. */
export async function writeLabelme(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const before = layoutFromJson(dataset.layout)
  const layout: LabelmeLayout = before ?? { release: RELEASE, hasLabels: true, reserved: [] }
  const classes = dataset.schema.categories.map(({ name }) => name)
  if (layout.hasLabels) {
    const lines = [...layout.reserved, ...classes.filter(isLine)]
    await folder.write(LABELS_PATH, Buffer.from(lines.map((line) => `${line}\n`).join('')))
  }
  const writer: Writer = {
    folder,
    context,
    names: classNames(dataset.schema, context.onLoss),
    layout,
  }
  const isInPlace = before !== undefined
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium !== undefined) await writeItem(item, medium, isInPlace, writer)
  }
  writer.names.reportUnused(context.onLoss, (name) => layout.hasLabels && isLine(name))
  return layoutToJson(layout)
}

function isLine(name: string): boolean {
  return name !== '' && name.trim() === name && !/[\r\n]/u.test(name)
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly names: ClassNames
  readonly layout: LabelmeLayout
}

async function writeItem(
  item: AnnotatedItem,
  medium: Media,
  isInPlace: boolean,
  { folder, context, names, layout }: Writer,
): Promise<void> {
  reportItemLosses(item, HOLDS, context.layer, context.onLoss)
  const where = `${item.subset}/${item.id}`
  const { file: kept, imagePath: keptImage, flags, ...rest } = ownExtra(item, 'labelme')
  const file = isFileOf(kept, item) ? kept : usualPath(item)
  const beside = `${withoutExtension(file)}${suffixOf(medium.path)}`
  const isKept = file === kept || kept === undefined
  const hasOwnImage = isInPlace && isKept && typeof keptImage === 'string'
  const target = hasOwnImage ? medium.path : beside
  const imagePath = hasOwnImage ? keptImage : beside.slice(folderOf(beside).length)
  if (medium.blob !== undefined) await folder.placeMedia(target, medium)
  const { width, height } = medium
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const shapes = (item.layers[context.layer] ?? []).filter(({ type }) => type !== 'label')
  const json: JsonObject = {
    version: layout.release ?? RELEASE,
    flags: { ...(isObject(flags) && flags), ...labelFlags(item, names, context) },
    shapes: shapes.flatMap((each) =>
      shapesOf(each, { names, size, where, onLoss: context.onLoss }),
    ),
    imagePath,
    imageData: null,
    imageHeight: height ?? null,
    imageWidth: width ?? null,
    ...rest,
    ...statedSubset(item, file, context),
  }
  await folder.write(file, Buffer.from(`${JSON.stringify(json, undefined, 2)}\n`))
}

function isFileOf(kept: Json | undefined, item: AnnotatedItem): kept is string {
  if (typeof kept !== 'string') return false
  const { subset, id } = itemKeyOf(kept)
  const isSame = subset === item.subset && item.id.startsWith(id)
  return isSame && /^(?:#\d+)?$/u.test(item.id.slice(id.length))
}

/** Where the path does not tell subset and id, the subset stands in the file. */
function statedSubset(item: AnnotatedItem, file: string, { onLoss }: WriteContext): JsonObject {
  const whole = withoutExtension(file)
  const byPath = itemKeyOf(file)
  if (isSameKey(byPath, item)) return {}
  const { subset, id } = item
  if (whole === (subset === 'default' ? id : `${subset}/${id}`)) return { subset }
  const isNumbered = subset === byPath.subset && id.startsWith(`${byPath.id}#`)
  if (!isNumbered) onLoss({ what: 'item', where: `${subset}/${id}: it becomes ${file}` })
  return {}
}

function suffixOf(path: string): string {
  return path.slice(withoutExtension(path).length)
}

/** What an image is as a whole stands as flags of the image. */
function labelFlags(item: AnnotatedItem, names: ClassNames, context: WriteContext): JsonObject {
  const { layer, onLoss } = context
  const where = `${item.subset}/${item.id}`
  const flags = new Map<string, boolean>()
  for (const annotation of item.layers[layer] ?? []) {
    if (annotation.type !== 'label') continue
    const name = names.use(annotation.category)
    if (name === undefined || flags.has(name)) {
      onLoss({ what: 'annotation: label', where })
      continue
    }
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    flags.set(name, true)
  }
  return Object.fromEntries(flags)
}
