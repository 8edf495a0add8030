import {
  type AnnotatedItem,
  type Annotation,
  type DatasetView,
  type Json,
  type Mask,
  maskArea,
  maskBounds,
  type Media,
  readMask,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { freeId } from '../shared/image-name.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { isMaskAttribute, OTHER_FIELDS } from './fields.ts'

const FORMAT = 'segment-anything'
const HOLDS: Holdings = {
  format: FORMAT,
  fields: new Set(['sourceId', 'box', 'area']),
  attribute: isMaskAttribute,
}

/** Writes images and a JSON file for each, in a folder for each subset but `default`. */
export async function writeSegmentAnything(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  for (const { name } of dataset.schema.categories) {
    context.onLoss({ what: 'category', where: name })
  }
  for (const subset of dataset.subsets) {
    const used = new Set<string>()
    let count = 0
    for await (const item of dataset.items(subset)) {
      context.signal.throwIfAborted()
      const medium = imageOf(item, context.onLoss)
      if (medium === undefined) continue
      count += 1
      await writeItem(item, medium, count, { folder, context, used })
    }
  }
  return null
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  /** Names of JSON files of the subset. */
  readonly used: Set<string>
}

async function writeItem(
  item: AnnotatedItem,
  medium: Media,
  number: number,
  { folder, context, used }: Writer,
): Promise<void> {
  const { onLoss, layer } = context
  const where = `${item.subset}/${item.id}`
  const name = safeMediaName(item.id)
  if (name !== item.id) onLoss({ what: 'item', where: `${where}: it is called ${name}` })
  reportItemLosses(item, HOLDS, layer, onLoss)
  const start = item.subset === 'default' && !name.includes('/') ? '' : `${item.subset}/`
  const fileName = `${name}${suffixOf(medium.path, '.jpg')}`
  const own = item.extra?.[FORMAT]
  const [image, file] = isObject(own) ? [own['image'], own['file']] : []
  const { width, height } = medium
  const json = {
    image: {
      image_id: number,
      ...(isObject(image) && image),
      ...(width !== undefined && height !== undefined && { width, height }),
      file_name: fileName,
    },
    annotations: recordsOf(item, where, context),
    ...(isObject(file) && file),
  }
  // Readers look for JSON files in one folder only, so this one is not put beside an image further below.
  const path = `${start}${freeId(name.replaceAll('/', '__'), used)}.json`
  await folder.write(path, Buffer.from(JSON.stringify(json)))
  if (medium.blob !== undefined) await folder.placeMedia(start + fileName, medium)
}

function recordsOf(
  item: AnnotatedItem,
  where: string,
  { layer, onLoss }: WriteContext,
): readonly Json[] {
  const annotations = item.layers[layer] ?? []
  const ids = new Set(annotations.map(({ sourceId }) => sourceId))
  let last = 0
  const freeNumber = (): number => {
    do last += 1
    while (ids.has(last))
    return last
  }
  return annotations.flatMap((annotation): readonly Json[] => {
    const mask = annotation.type === 'mask' ? readMask(annotation) : undefined
    if (annotation.type !== 'mask' || mask === undefined) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      return []
    }
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    const { width, height, counts } = annotation
    const segmentation = { size: [height, width], counts }
    return [
      { id: annotation.sourceId ?? freeNumber(), segmentation, ...fieldsOf(annotation, mask) },
    ]
  })
}

function fieldsOf({ box, area, attributes = {}, extra }: Annotation, mask: Mask): JsonObject {
  const own = extra?.[FORMAT]
  const rest = Object.entries(isObject(own) ? own : {}).filter(([name]) => !OTHER_FIELDS.has(name))
  const said = Object.entries(attributes).filter(([name, value]) => isMaskAttribute(name, value))
  return {
    bbox: box ?? maskBounds(mask),
    area: area ?? maskArea(mask),
    ...Object.fromEntries(said),
    ...Object.fromEntries(rest),
  }
}
