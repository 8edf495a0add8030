import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf, isImagePath } from '../media/media-kind.ts'
import { isObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import {
  type Holdings,
  imageOf,
  reportAnnotationLosses,
  reportItemLosses,
  reportSchemaLosses,
} from '../shared/report-losses.ts'
import { annotationToJson } from './annotation-json.ts'
import { CLASS_NAMES, formatClassNames } from './class-names.ts'
import { encodeTarFile, tarEnd } from './encode-tar.ts'
import { webdatasetFormat } from './format.ts'
import { layoutFromJson, layoutToJson, type ShardName } from './layout.ts'
import { RESERVED } from './read-sample.ts'
import { subsetOf } from './shard.ts'

const HOLDS: Holdings = {
  format: 'webdataset',
  fields: new Set([
    'category',
    'score',
    'group',
    'track',
    'zOrder',
    'occluded',
    'outside',
    'truncated',
    'sourceId',
    'box',
    'area',
    'crowd',
  ]),
  attribute: () => true,
  itemAttribute: () => true,
}
/** As large as the tools of the format make them. */
const SHARD_BYTES = 2 ** 30
const SHARD_SAMPLES = 10_000

/** Writes shards of tar for each subset, with the images in them, and the names of classes. */
export async function writeWebdataset(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  reportSchemaLosses(dataset.schema, HOLDS, context.onLoss)
  const classes = classTable(dataset)
  const classNames = classes.names.length > 0 ? (before?.classNames ?? CLASS_NAMES) : undefined
  if (classNames !== undefined) {
    await folder.write(classNames, Buffer.from(formatClassNames(classes.names)))
  }
  const names: ShardName[] = []
  const subsets = dataset.subsets.length === 0 ? ['default'] : dataset.subsets
  for (const subset of subsets) {
    const usual = { subset, prefix: `${safeMediaName(subset)}-`, digits: 6 }
    const name = before?.names.find((each) => each.subset === subset) ?? usual
    names.push(name)
    await writeSubset({ dataset, folder, context, classes, name })
  }
  return layoutToJson({ names, classNames })
}

interface Writing {
  readonly dataset: DatasetView
  readonly folder: WritableFolder
  readonly context: WriteContext
  readonly classes: Classes
  readonly name: ShardName
}

interface Classes {
  readonly names: readonly string[]
  readonly numbers: ReadonlyMap<string, number>
  readonly nameOf: (category: string) => string
}

/** Names stand on a line each, so each has to be one line and another than the rest. */
function classTable({ schema }: DatasetView): Classes {
  const used = new Set<string>()
  const names = schema.categories.map(({ key, name }) => {
    const line = name.replaceAll(/\s+/gu, ' ').trim()
    let own = line === '' || used.has(line) ? key.replaceAll(/\s+/gu, ' ').trim() : line
    while (own === '' || used.has(own)) own += "'"
    used.add(own)
    return own
  })
  const numbers = new Map(schema.categories.map(({ key }, at) => [key, at]))
  return {
    names,
    numbers,
    nameOf: (category) => names[numbers.get(category) ?? -1] ?? category,
  }
}

async function writeSubset(writing: Writing): Promise<void> {
  const { dataset, folder, name } = writing
  const samples = samplesOf(writing)[Symbol.asyncIterator]()
  let next = await samples.next()
  const pathOf = (number: number): string =>
    `${name.prefix}${`${number}`.padStart(name.digits, '0')}.tar`
  // A dataset without items has a shard too: a folder without any is of no format.
  if (dataset.subsets.length === 0) await folder.write(pathOf(0), tarEnd())
  for (let number = 0; next.done !== true; number += 1) {
    await folder.write(pathOf(number), shardBytes())
  }

  async function* shardBytes(): AsyncGenerator<Uint8Array> {
    let [sizeBytes, count] = [0, 0]
    while (next.done !== true && sizeBytes < SHARD_BYTES && count < SHARD_SAMPLES) {
      for (const piece of next.value) {
        sizeBytes += piece.length
        yield piece
      }
      count += 1
      next = await samples.next()
    }
    yield tarEnd()
  }
}

async function* samplesOf({
  dataset,
  context,
  classes,
  name,
}: Writing): AsyncGenerator<readonly Uint8Array[]> {
  const used = new Set<string>()
  for await (const item of dataset.items(name.subset)) {
    context.signal.throwIfAborted()
    const medium = imageOf(item, context.onLoss)
    if (medium === undefined) continue
    const roles = new Set(suffixedMedia(item).map(({ media }) => media))
    const plain = { ...item, tags: [], media: item.media.filter((each) => !roles.has(each)) }
    reportItemLosses(plain, HOLDS, context.layer, context.onLoss)
    const key = keyOf(item.id, used)
    yield await sampleFiles({ item, medium, key, name }, classes, context)
  }
}

/** Everything from the first dot on is the kind of a file. */
function keyOf(id: string, used: Set<string>): string {
  const start = safeMediaName(id).replaceAll('.', '_').replace(/^__/u, '_')
  let key = start
  for (let number = 2; used.has(key); number += 1) key = `${start}_${number}`
  used.add(key)
  return key
}

interface SampleItem {
  readonly item: AnnotatedItem
  readonly medium: Media
  readonly key: string
  readonly name: ShardName
}

async function sampleFiles(
  { item, medium, key, name }: SampleItem,
  classes: Classes,
  context: WriteContext,
): Promise<readonly Uint8Array[]> {
  const files: (readonly [suffix: string, bytes: Uint8Array])[] = []
  if (medium.blob !== undefined) {
    files.push([suffixOf(medium), await context.readMedia(medium)])
  }
  for (const { media, suffix } of suffixedMedia(item)) {
    files.push([suffix, await context.readMedia(media)])
  }
  const { label, caption, rest } = splitAnnotations(item, context, classes)
  if (label !== undefined) files.push(['cls', Buffer.from(`${label}`)])
  if (caption !== undefined) files.push(['txt', Buffer.from(caption)])
  const { path, width, height, blob } = medium
  const isNamed = subsetOf(`${name.prefix}0.tar`) === item.subset
  const facts = {
    ...(key !== item.id && { __id__: item.id }),
    ...(!isNamed && { __subset__: item.subset }),
    ...(blob === undefined && { __media__: { path, ...sizeOf(width, height) } }),
    ...factsOf(item),
    ...(rest.length > 0 && {
      annotations: rest.map((each) => annotationToJson(each, classes.nameOf)),
    }),
  }
  // A sample without files would not be there.
  if (Object.keys(facts).length > 0 || files.length === 0) {
    files.push(['json', Buffer.from(JSON.stringify(facts))])
  }
  return files.flatMap(([suffix, bytes]) => encodeTarFile(`${key}.${suffix}`, bytes))
}

function suffixOf({ path }: Media): string {
  return isImagePath(path) ? path.slice(-extensionOf(path).length) : 'jpg'
}

/** Further images whose role can stand before their extension. */
function suffixedMedia({
  media,
}: AnnotatedItem): readonly { readonly media: Media; readonly suffix: string }[] {
  const used = new Set<string>()
  return media.slice(1).flatMap((each) => {
    const suffix = `${each.role}.${extensionOf(each.path)}`
    const isPlain = /^[a-z0-9_-]+$/u.test(each.role) && each.role !== 'primary'
    if (!isPlain || used.has(suffix) || !isImagePath(each.path) || each.blob === undefined)
      return []
    used.add(suffix)
    return [{ media: each, suffix }]
  })
}

function sizeOf(
  width: number | undefined,
  height: number | undefined,
): Readonly<Record<string, number>> {
  return width === undefined || height === undefined ? {} : { width, height }
}

function factsOf({
  attributes = {},
  tags = [],
  extra,
}: AnnotatedItem): Readonly<Record<string, Json>> {
  const flat = Object.entries(attributes).filter(([name]) => !RESERVED.has(name))
  const others = Object.entries(attributes).filter(([name]) => RESERVED.has(name))
  const own = extra?.['webdataset']
  return {
    ...Object.fromEntries(flat),
    ...(isObject(own) ? own : {}),
    ...(others.length > 0 && { attributes: Object.fromEntries(others) }),
    ...(tags.length > 0 && { tags }),
  }
}

interface SplitAnnotations {
  /** The number of the class, for the file `cls`. */
  readonly label: number | undefined
  readonly caption: string | undefined
  readonly rest: readonly Annotation[]
}

/** One label and one caption that say nothing else have files of their own. */
function splitAnnotations(
  item: AnnotatedItem,
  { layer, onLoss }: Pick<WriteContext, 'layer' | 'onLoss'>,
  { numbers }: Classes,
): SplitAnnotations {
  const where = `${item.subset}/${item.id}`
  const rest: Annotation[] = []
  let label: number | undefined
  let caption: string | undefined
  for (const annotation of item.layers[layer] ?? []) {
    if (!webdatasetFormat.holds.has(annotation.type)) {
      onLoss({ what: `annotation: ${annotation.type}`, where })
      continue
    }
    reportAnnotationLosses(annotation, HOLDS, where, onLoss)
    const fields = Object.keys(annotation).filter((field) => !UNSAID.has(field))
    if (annotation.type === 'label' && label === undefined && fields.join() === 'category') {
      label = numbers.get(annotation.category ?? '')
      if (label !== undefined) continue
    }
    if (annotation.type === 'caption' && caption === undefined && fields.join() === 'text') {
      caption = annotation.text
      continue
    }
    rest.push(annotation)
  }
  return { label, caption, rest }
}

const UNSAID: ReadonlySet<string> = new Set(['type', 'uid', 'provenance'])
