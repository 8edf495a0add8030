import {
  type AnnotatedItem,
  type Annotation,
  type DatasetView,
  GROUND_TRUTH,
  type Json,
  type Media,
  type WritableFolder,
  type WriteContext,
} from '@dsv/core'
import { createHash } from 'node:crypto'
import { extensionOf } from '../media/media-kind.ts'
import { type ClassNames, classNames } from '../shared/class-names.ts'
import { idOfImage } from '../shared/image-name.ts'
import { jsonEncoder } from '../shared/json-encoder.ts'
import type { JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { ownExtra } from '../shared/subset-files.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { fieldName } from './field-layers.ts'
import { CLASS_NAMES, kindOf, LABEL_KINDS, type LabelKind } from './label-kind.ts'
import { type DatasetLayout, type LabelField, layoutToJson } from './layout.ts'
import { isTagEnough, sampleKey, usualFilepath } from './sample-key.ts'
import { labelOf } from './write-label.ts'

/** What writing a dataset needs. */
export interface DatasetTarget {
  readonly context: WriteContext
  /** The layout that was read. */
  readonly layout: DatasetLayout | undefined
}

const FORMAT = 'fiftyone'
const RESERVED: ReadonlySet<string> = new Set(
  'id _id filepath tags metadata media_type _media_type _rand _dataset_id subset'.split(' '),
)

/** Writes `samples.json`, `metadata.json` and the images in `data/`. */
export async function writeDataset(
  dataset: DatasetView,
  folder: WritableFolder,
  { context, layout }: DatasetTarget,
): Promise<Json> {
  const root = layout?.root ?? ''
  const fields = await planFields(dataset, layout?.fields ?? [], context)
  reportSchemaLosses(dataset.schema, { format: FORMAT, fields: new Set() }, context.onLoss)
  const metadata = metadataOf(dataset, layout?.metadata)
  const names = classNames(dataset.schema, context.onLoss)
  const hasIds = metadata['version'] !== undefined
  const writer: Writer = {
    folder,
    context,
    fields,
    names,
    root,
    hasIds,
    isInPlace: layout !== undefined,
  }
  await folder.write(`${root}metadata.json`, Buffer.from(`${JSON.stringify(metadata)}\n`))
  await folder.write(`${root}samples.json`, textPieces(samplesText(dataset, writer)))
  return layoutToJson({ kind: 'dataset', root, metadata, fields })
}

/** Without a version FiftyOne takes fields as it finds them, and needs no schema. */
function metadataOf({ schema }: DatasetView, before: JsonObject | undefined): JsonObject {
  const classes = schema.categories.map(({ name }) => name)
  const known = before?.['default_classes']
  const isSame = JSON.stringify(known) === JSON.stringify(classes)
  const start = before ?? { media_type: 'image', info: {} }
  return isSame ? start : { ...start, default_classes: classes }
}

interface Writer {
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly fields: readonly LabelField[]
  readonly names: ClassNames
  readonly root: string
  /** Whether all samples and labels need an id. */
  readonly hasIds: boolean
  readonly isInPlace: boolean
}

/** A field holds one kind of label, so a layer may need several. */
async function planFields(
  dataset: DatasetView,
  before: readonly LabelField[],
  { signal }: WriteContext,
): Promise<readonly LabelField[]> {
  const counts = new Map<string, Map<LabelKind, number>>()
  for await (const { layers } of dataset.items()) {
    signal.throwIfAborted()
    for (const [layer, annotations] of Object.entries(layers)) {
      const kinds = counts.get(layer) ?? new Map<LabelKind, number>()
      counts.set(layer, kinds)
      for (const [kind, group] of byKind(annotations)) {
        kinds.set(kind, Math.max(kinds.get(kind) ?? 0, group.length))
      }
    }
  }
  const fields = before.map((field) => ({
    ...field,
    isSingle: field.isSingle && (counts.get(field.layer)?.get(field.kind) ?? 0) <= 1,
  }))
  const names = new Set(fields.map(({ name }) => name))
  for (const [layer, kinds] of counts) {
    for (const kind of LABEL_KINDS) {
      const isThere = fields.some((field) => field.layer === layer && field.kind === kind)
      if (isThere || !kinds.has(kind)) continue
      const plain = fieldName(layer, kind, true)
      const isFirst = !names.has(plain) && !fields.some((field) => field.layer === layer)
      let name = isFirst ? plain : fieldName(layer, kind, false)
      while (names.has(name)) name = `other_${name}`
      names.add(name)
      fields.push({ name, layer, kind, isSingle: false })
    }
  }
  return fields
}

function byKind(annotations: readonly Annotation[]): ReadonlyMap<LabelKind, readonly Annotation[]> {
  const groups = new Map<LabelKind, Annotation[]>()
  for (const annotation of annotations) {
    const kind = kindOf(annotation.type)
    if (kind === undefined) continue
    const group = groups.get(kind)
    if (group === undefined) groups.set(kind, [annotation])
    else group.push(annotation)
  }
  return groups
}

async function* samplesText(
  dataset: DatasetView,
  writer: Writer,
): AsyncGenerator<string | Uint8Array> {
  const encode = jsonEncoder(false)
  let separator = '\n'
  yield '{"samples":['
  for await (const item of dataset.items()) {
    writer.context.signal.throwIfAborted()
    const medium = imageOf(item, writer.context.onLoss)
    if (medium === undefined) continue
    const sample = await sampleOf(item, medium, writer)
    yield separator
    // What the encoder gave is overwritten by the next sample.
    yield Buffer.from(encode(sample))
    separator = ',\n'
  }
  yield '\n]}\n'
}

async function sampleOf(item: AnnotatedItem, medium: Media, writer: Writer): Promise<JsonObject> {
  const { context, folder, fields, root, hasIds, isInPlace } = writer
  const { subset } = item
  const where = `${subset}/${item.id}`
  const { filepath: kept, ...own } = ownExtra(item, FORMAT)
  const names = new Set(fields.map(({ name }) => name))
  const isHeld = (name: string, value: unknown): boolean =>
    !RESERVED.has(name) && !names.has(name) && value !== null
  const holds: Holdings = { format: FORMAT, fields: new Set(), itemAttribute: isHeld }
  // Layers are fields, tags are tags.
  const { tags = [], ...tagless } = item
  reportItemLosses({ ...tagless, layers: {} }, holds, GROUND_TRUTH, context.onLoss)
  const labels = labelFields(item, medium, writer)
  const isTag = isTagEnough(subset, tags)
  const usual = usualFilepath(item, medium.path)
  const filepath = isPathOf(kept, item) ? kept : usual
  const byPath = sampleKey(
    filepath,
    isTag && subset !== 'default' ? [subset] : [],
    isTag ? '' : subset,
  )
  if (byPath.id !== item.id && !item.id.startsWith(`${byPath.id}#`)) {
    context.onLoss({ what: 'item', where: `${where}: it becomes ${filepath}` })
  }
  const isKept = isInPlace && filepath === kept
  const target = isKept ? medium.path : root + safeMediaName(filepath)
  if (medium.blob !== undefined) await folder.placeMedia(target, medium)
  return {
    ...(hasIds && own['_id'] === undefined && { _id: { $oid: objectId(where) } }),
    filepath,
    tags: [...(isTag && subset !== 'default' ? [subset] : []), ...tags],
    ...(!isTag && { subset }),
    metadata: mediumMetadata(medium),
    _media_type: 'image',
    ...Object.fromEntries(
      Object.entries(item.attributes ?? {}).filter(([name, value]) => isHeld(name, value)),
    ),
    ...labels,
    ...own,
  }
}

function isPathOf(kept: Json | undefined, { subset, id }: AnnotatedItem): kept is string {
  if (typeof kept !== 'string') return false
  const known = sampleKey(kept, [], subset).id
  return (
    id.startsWith(known) && /^(?:#\d+)?$/u.test(id.slice(known.length)) && idOfImage(kept) !== ''
  )
}

function mediumMetadata({ path, width, height, channels, sizeBytes }: Media): JsonObject {
  const extension = extensionOf(path)
  return {
    _cls: 'ImageMetadata',
    ...(sizeBytes !== undefined && { size_bytes: sizeBytes }),
    mime_type: `image/${extension === 'jpg' ? 'jpeg' : extension}`,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(channels !== undefined && { num_channels: channels }),
  }
}

/** Ids are 12 bytes; those we make come from what they name, so that the same has the same. */
function objectId(text: string): string {
  return createHash('md5').update(text).digest('hex').slice(0, 24)
}

function labelFields(item: AnnotatedItem, medium: Media, writer: Writer): JsonObject {
  const { context, fields, names, hasIds } = writer
  const where = `${item.subset}/${item.id}`
  const { onLoss } = context
  const { width, height } = medium
  const size = width === undefined || height === undefined ? undefined : { width, height }
  const written: [string, Json][] = []
  for (const [layer, annotations] of Object.entries(item.layers)) {
    const plain = fieldName(layer, 'detections', true)
    const isNamed = fields.some((field) => field.layer === layer && field.name.startsWith(plain))
    if (annotations.length > 0 && plain !== layer && isNamed) {
      onLoss({ what: `layer: ${layer}`, where: `${where}: it becomes ${plain}` })
    }
    for (const { type } of annotations) {
      if (kindOf(type) === undefined) onLoss({ what: `annotation: ${type}`, where })
    }
    for (const [kind, group] of byKind(annotations)) {
      const field = fields.find((each) => each.layer === layer && each.kind === kind)
      if (field === undefined) continue
      const labels = group.flatMap((annotation, at) => {
        const name = names.use(annotation.category)
        const newId = hasIds ? objectId(`${where}/${field.name}/${at}`) : undefined
        const label = labelOf(annotation, kind, { name, size, where, onLoss, newId })
        if (label === undefined) onLoss({ what: `annotation: ${annotation.type}`, where })
        return label ?? []
      })
      const [first] = labels
      if (first === undefined) continue
      const list = { _cls: `${CLASS_NAMES[kind]}s`, [kind]: labels }
      written.push([field.name, field.isSingle ? first : list])
    }
  }
  return Object.fromEntries(written)
}
