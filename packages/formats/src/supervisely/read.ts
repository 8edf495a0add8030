import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type Schema,
  type SourceItem,
} from '@dsv/core'
import {
  arrayAt,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import { type MediaFinder, mediaFinder, safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { type StemFinder, stemFinder } from '../shared/stem-finder.ts'
import { findClouds } from './cloud-files.ts'
import { findSuperviselyFiles, type SuperviselyItem } from './find-files.ts'
import { keysOf, layoutToJson } from './layout.ts'
import { readMeta } from './meta.ts'
import { isCloudProject, readClouds } from './read-clouds.ts'
import { readGeometry } from './read-geometry.ts'
import { type GraphNodes, graphNodes } from './skeleton.ts'
import { GROUP_TAG, readTags } from './tags.ts'

const FILES_AT_ONCE = 8

/** Reads a project of images or point clouds of Supervisely, a file at a time. @throws `DSV_FORMAT_SYNTAX` */
export async function readSupervisely(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = await folder.list()
  const { meta, roots, items } = findSuperviselyFiles(paths)
  const schema = await readSchema(folder, meta, context)
  if (isCloudProject(schema.info['supervisely'])) {
    const clouds = findClouds(paths)
    const names = new Set(schema.categories.map(({ name }) => name))
    const keysPath = keysOf(meta ?? '')
    const keys = paths.includes(keysPath) ? await readJson(folder, keysPath, context) : undefined
    return {
      schema,
      layout: layoutToJson({ meta, roots: clouds.roots }),
      items: readClouds(clouds.items, keys, { folder, classes: names, context }),
    }
  }
  const classes = new Map(schema.categories.map((category) => [category.name, classOf(category)]))
  const [media, stems] = [await mediaFinder(folder), await stemFinder(folder)]
  const reading: Reading = { folder, classes, media, stems, context }
  return {
    schema,
    layout: layoutToJson({ meta, roots }),
    items: readAhead(items, FILES_AT_ONCE, async (item) => readItem(item, reading)),
  }
}

async function readSchema(
  folder: Folder,
  meta: string | undefined,
  context: ReadContext,
): Promise<Schema> {
  if (meta === undefined) return EMPTY_SCHEMA
  try {
    return await readMeta(folder, meta)
  } catch (error) {
    skipOrThrow(error, meta, context)
    return EMPTY_SCHEMA
  }
}

/** What objects need to know of their class. */
interface SuperviselyClass {
  readonly shape: string
  readonly graph: GraphNodes | undefined
}

function classOf({ extra }: Category): SuperviselyClass {
  const own = extra?.['supervisely']
  const shape = isObject(own) ? own['shape'] : undefined
  return {
    shape: typeof shape === 'string' ? shape : 'any',
    graph: isObject(own) ? graphNodes(own['geometry_config']) : undefined,
  }
}

interface Reading {
  readonly folder: Folder
  readonly classes: ReadonlyMap<string, SuperviselyClass>
  readonly media: MediaFinder
  readonly stems: StemFinder
  readonly context: ReadContext
}

async function readItem(item: SuperviselyItem, reading: Reading): Promise<SourceItem> {
  const { folder, context } = reading
  context.signal.throwIfAborted()
  const { subset, root, id, name, annotations } = item
  const json = annotations === undefined ? {} : await readJson(folder, annotations, context)
  const images = `${root}img/`
  const found = reading.media.find(name, [images]) ?? reading.stems.find(name, [images])
  const info = found === undefined ? undefined : await context.probe(found)
  const stated = sizeOf(json['size'])
  const path = found ?? images + safeMediaName(name)
  const tags = readTags(json['tags'])
  const plain = Object.entries(tags.attributes).filter(([, value]) => value === true)
  const valued = Object.entries(tags.attributes).filter(([, value]) => value !== true)
  const own = extraOf(json, ITEM_FIELDS, tags.rest)
  const size = stated ?? sizeOf({ ...info })
  return {
    subset,
    id,
    media: [{ role: 'primary', path, ...stated, ...info, kind: 'image' }],
    ...(plain.length > 0 && { tags: plain.map(([tag]) => tag) }),
    ...(valued.length > 0 && { attributes: Object.fromEntries(valued) }),
    ...(own !== undefined && { extra: { supervisely: own } }),
    layers: { [GROUND_TRUTH]: readObjects(json, annotations ?? '', size, item, reading) },
  }
}

async function readJson(folder: Folder, path: string, context: ReadContext): Promise<JsonObject> {
  try {
    return objectAt(parseJson(await folder.read(path), path), { file: path, path: '' })
  } catch (error) {
    skipOrThrow(error, path, context)
    return {}
  }
}

type Size = { readonly width: number; readonly height: number }

function sizeOf(json: Json | undefined): Size | undefined {
  if (!isObject(json)) return undefined
  const { width, height } = json
  const isSize = Number.isSafeInteger(width) && Number.isSafeInteger(height)
  if (!isSize || typeof width !== 'number' || typeof height !== 'number') return undefined
  return width > 0 && height > 0 ? { width, height } : undefined
}

const ITEM_FIELDS: ReadonlySet<string> = new Set(['name', 'size', 'tags', 'objects'])
const OBJECT_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'classTitle',
  'geometryType',
  'tags',
  'points',
  'bitmap',
  'nodes',
  'angle',
])

/** Fields we have no name for, and those of tags. */
function extraOf(
  json: JsonObject,
  known: ReadonlySet<string>,
  tags: JsonObject,
): JsonObject | undefined {
  const rest = Object.fromEntries(
    Object.entries(json).filter(([field, value]) => {
      const isEmpty = field === 'description' && value === ''
      return !known.has(field) && !isEmpty
    }),
  )
  const all: JsonObject = { ...rest, ...(Object.keys(tags).length > 0 && { tags }) }
  return Object.keys(all).length === 0 ? undefined : all
}

function readObjects(
  json: JsonObject,
  file: string,
  size: Size | undefined,
  { subset, id }: SuperviselyItem,
  { classes, context }: Reading,
): readonly AnnotationDraft[] {
  const drafts: AnnotationDraft[] = []
  try {
    const list = arrayAt(json['objects'] ?? [], { file, path: 'objects' })
    for (const [at, object] of list.entries()) {
      const place: JsonPlace = { file, path: `objects[${at}]` }
      try {
        const draft = readObject(objectAt(object, place), place, size, classes)
        if (typeof draft !== 'string') drafts.push(draft)
        else context.onLoss({ what: `annotation: ${draft}`, where: `${subset}/${id}` })
      } catch (error) {
        skipOrThrow(error, file, context)
      }
    }
  } catch (error) {
    skipOrThrow(error, file, context)
  }
  return drafts
}

/** Returns the annotation, or the shape that we have none for. */
function readObject(
  object: JsonObject,
  place: JsonPlace,
  size: Size | undefined,
  classes: ReadonlyMap<string, SuperviselyClass>,
): AnnotationDraft | string {
  const category = stringAt(object['classTitle'], placeOf(place, 'classTitle'))
  const known = classes.get(category)
  if (known === undefined) {
    throw wrongValue(placeOf(place, 'classTitle'), `is no class of the project: ${category}`)
  }
  const { geometryType, id } = object
  // Old projects do not say the shape of an object, but that of its class.
  const old = isObject(object['bitmap']) ? 'bitmap' : known.shape
  const shape = typeof geometryType === 'string' ? geometryType : old
  const geometry = readGeometry(object, shape, { place, size, graph: known.graph })
  if (geometry === undefined) return shape
  const { attributes: all, rest } = readTags(object['tags'])
  const { [GROUP_TAG]: group, ...attributes } = all
  const own = extraOf(object, OBJECT_FIELDS, rest)
  return {
    ...geometry,
    category,
    ...((typeof id === 'number' || typeof id === 'string') && { sourceId: id }),
    ...(typeof group === 'string' && { group: groupOf(group) }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(own !== undefined && { extra: { supervisely: own } }),
  }
}

function groupOf(text: string): number | string {
  return String(Number(text)) === text && Number.isSafeInteger(Number(text)) ? Number(text) : text
}
