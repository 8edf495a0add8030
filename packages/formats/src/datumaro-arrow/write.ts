import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { type Schema, Table, tableToIPC, vectorFromArray } from 'apache-arrow'
import { packedDictionary } from '../shared/datumaro-bytes.ts'
import { isObject } from '../shared/json-reader.ts'
import { packItemAnnotations, reportPackedItem } from '../shared/pack-datumaro-item.ts'
import { reportSchemaLosses } from '../shared/report-losses.ts'
import { writeCategories } from '../shared/write-datumaro-categories.ts'
import { datumaroMediaType, membersFor, sizeOfMedium } from '../shared/write-datumaro-item.ts'
import { arrowSchema } from './arrow-schema.ts'
import { layoutFromJson } from './layout.ts'

/** A file has at most this many items, as Datumaro does, and about this many bytes. */
const SHARD_ITEMS = 1000
const SHARD_BYTES = 64 * 2 ** 20
const MAX_SIDE = 0xffff
/** Numbers of Datumaro's `MediaType`. */
const TYPES = { none: 0, image: 2, 'point-cloud': 6 } as const
const HOLDS = {
  format: 'datumaro',
  fields: new Set<never>(),
  categoryFields: new Set([
    'parent',
    'supercategory',
    'color',
    'attributes',
    'skeleton',
    'isThing',
  ] as const),
}

/** Writes Arrow files of Datumaro, with the media in them. */
export async function writeDatumaroArrow(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const layout = layoutFromJson(dataset.layout)
  const schema = await schemaOf(dataset)
  const keys = dataset.schema.categories.map(({ key }) => key)
  const target = { keys, numbers: new Map(keys.map((key, index) => [key, index])) }
  let shard: ArrowRow[] = []
  let sizeBytes = 0
  let number = 0
  const flush = async (): Promise<void> => {
    const path = `${layout.prefix}${String(number).padStart(layout.digits, '0')}.arrow`
    await folder.write(path, shardBytes(shard, schema))
    number += 1
    shard = []
    sizeBytes = 0
  }
  for await (const item of dataset.items()) {
    context.signal.throwIfAborted()
    reportPackedItem(item, context)
    const size = sizeOfMedium(item.media[0])
    const annotations = packItemAnnotations(item, { ...target, size }, context)
    const row = await rowOf(item, annotations, context)
    shard.push(row)
    const held = row.media.image ?? row.media.point_cloud
    sizeBytes += annotations.length + (held?.bytes?.length ?? 0)
    if (shard.length >= SHARD_ITEMS || sizeBytes >= SHARD_BYTES) await flush()
  }
  if (shard.length > 0 || number === 0) await flush()
  return { ...layout }
}

async function schemaOf(dataset: DatasetView): Promise<Schema> {
  const [subset = 'default'] = dataset.subsets
  const { categories, info } = dataset.schema
  const rest = membersFor(info['datumaro'], subset)
  const { infos } = rest
  const kinds = writeCategories(categories, rest)
  const mediaType = await datumaroMediaType(dataset, subset)
  return arrowSchema(isObject(infos) ? infos : {}, isObject(kinds) ? kinds : {}, mediaType)
}

interface ArrowImage {
  readonly has_bytes: boolean
  readonly bytes: Uint8Array | null
  readonly path: string | null
  readonly size?: readonly number[] | null
  readonly extra_images?: readonly ArrowImage[]
}

interface ArrowRow {
  readonly id: string
  readonly subset: string
  readonly media: {
    readonly type: number
    readonly image: ArrowImage | null
    readonly point_cloud: ArrowImage | null
  }
  readonly annotations: Uint8Array
  readonly attributes: Uint8Array
}

async function rowOf(
  item: AnnotatedItem,
  annotations: Uint8Array,
  context: WriteContext,
): Promise<ArrowRow> {
  const { id, subset, attributes = {} } = item
  return {
    id,
    subset,
    media: await mediaOf(item, context),
    annotations,
    attributes: packedDictionary(attributes),
  }
}

async function mediaOf(item: AnnotatedItem, context: WriteContext): Promise<ArrowRow['media']> {
  const [medium, ...others] = item.media
  const none = { type: TYPES.none, image: null, point_cloud: null }
  if (medium === undefined) return none
  if (medium.frame !== undefined || (medium.kind !== 'image' && medium.kind !== 'point-cloud')) {
    context.onLoss({ what: 'media: primary', where: `${item.subset}/${item.id}` })
    return none
  }
  const held = await imageOf(medium, context)
  if (medium.kind === 'image') return { ...none, type: TYPES.image, image: held }
  const related: ArrowImage[] = []
  for (const each of others) related.push(await imageOf(each, context))
  const cloud = { ...held, extra_images: related }
  return { ...none, type: TYPES['point-cloud'], point_cloud: cloud }
}

async function imageOf(medium: Media, context: WriteContext): Promise<ArrowImage> {
  const { width, height, path } = medium
  const isSize = width !== undefined && height !== undefined
  const size = isSize && width <= MAX_SIDE && height <= MAX_SIDE ? [height, width] : null
  if (medium.blob === undefined) return { has_bytes: false, bytes: null, path, size }
  return { has_bytes: true, bytes: await context.readMedia(medium), path: null, size }
}

function shardBytes(rows: readonly ArrowRow[], schema: Schema): Uint8Array {
  const columns = new Map(
    schema.fields.map(({ name, type }) => {
      const values = rows.map((row) => new Map<string, unknown>(Object.entries(row)).get(name))
      return [name, vectorFromArray(values, type)] as const
    }),
  )
  return tableToIPC(new Table(schema, Object.fromEntries(columns)), 'file')
}
