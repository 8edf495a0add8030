import type {
  AnnotatedItem,
  AttributeValue,
  DatasetView,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { isObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { textSpool, type TextSpool } from '../shared/text-spool.ts'
import { QUERY } from './find-images.ts'
import { formatPersonName, parsePersonName } from './person-name.ts'

const HOLDS: Holdings = { format: 'market1501', fields: new Set() }

/** Writes images under names that say their attributes, and a list of images for each subset. */
export async function writeMarket1501(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const { layout, schema } = dataset
  const root = isObject(layout) && typeof layout['root'] === 'string' ? layout['root'] : ''
  reportSchemaLosses(schema, HOLDS, context.onLoss)
  for (const { name } of schema.categories) context.onLoss({ what: 'category', where: name })
  const used = new Set<string>()
  for (const subset of dataset.subsets) {
    const list = textSpool()
    try {
      for await (const item of dataset.items(subset)) {
        await writeItem(item, { folder, context, root, list, used })
      }
      await folder.write(`${root}images_${subset}.txt`, list.content())
    } finally {
      await list.close()
    }
  }
  return { version: 1, root }
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly root: string
  readonly list: TextSpool
  readonly used: Set<string>
}

async function writeItem(
  item: AnnotatedItem,
  { folder, context, root, list, used }: Writer,
): Promise<void> {
  const { onLoss, layer, signal } = context
  signal.throwIfAborted()
  const medium = imageOf(item, onLoss)
  if (medium === undefined) return
  const where = `${item.subset}/${item.id}`
  const isQuery = item.subset === QUERY || item.attributes?.['query'] === true
  const name = nameOf(item)
  const extension = extensionOf(medium.path)
  const suffix = extension === '' ? '.jpg' : medium.path.slice(-extension.length - 1)
  const path = `${isQuery ? QUERY : `bounding_box_${item.subset}`}/${name}${suffix}`
  if (/[\r\n]/u.test(path) || safeMediaName(path) !== path || used.has(path)) {
    onLoss({ what: 'item', where: `${where}: there can be no image called so` })
    return
  }
  used.add(path)
  const start = name.lastIndexOf('/') + 1
  const said = parsePersonName(name.slice(start))
  const back = said === undefined || said.rest === '' ? name : name.slice(0, start) + said.rest
  if (back !== item.id) onLoss({ what: 'item', where: `${where}: it is called ${back}` })
  const attributes = { ...said?.attributes, ...(said !== undefined && { query: isQuery }) }
  const isSaid = (attribute: string, value: AttributeValue): boolean =>
    new Map<string, AttributeValue>(Object.entries(attributes)).get(attribute) === value
  reportItemLosses(item, { ...HOLDS, itemAttribute: isSaid }, layer, onLoss)
  for (const { type } of item.layers[layer] ?? []) onLoss({ what: `annotation: ${type}`, where })
  await list.add(`${path}\n`)
  if (medium.blob !== undefined) await folder.placeMedia(root + path, medium)
}

/** The id where it says the attributes itself, or where they cannot be said. */
function nameOf({ id, attributes = {} }: AnnotatedItem): string {
  const start = id.lastIndexOf('/') + 1
  const own = id.slice(start)
  if (parsePersonName(own)?.rest === '' || /^\d/u.test(own)) return id
  const name = formatPersonName(attributes, own)
  return name === undefined ? id : id.slice(0, start) + name
}
