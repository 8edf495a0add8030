import {
  type AnnotationDraft,
  type Attributes,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import {
  arrayAt,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  parseJson,
  placeOf,
  stringAt,
  wrongValue,
} from '../shared/json-reader.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import type { CloudItem } from './cloud-files.ts'
import { type KeyIds, keyIdsFrom } from './key-ids.ts'
import { readTags } from './tags.ts'

const FILES_AT_ONCE = 8

/** What clouds are read with, beside their files. */
export interface CloudReading {
  readonly folder: Folder
  /** Names of the classes. */
  readonly classes: ReadonlySet<string>
  readonly context: ReadContext
}

/** Reads the items of a project of point clouds, some files at a time. */
export function readClouds(
  items: readonly CloudItem[],
  keys: Json | undefined,
  reading: CloudReading,
): AsyncIterable<SourceItem> {
  const ids = keyIdsFrom(keys)
  return readAhead(items, FILES_AT_ONCE, async (item) => readCloud(item, ids, reading))
}

async function readCloud(
  item: CloudItem,
  ids: KeyIds,
  { folder, classes, context }: CloudReading,
): Promise<SourceItem> {
  context.signal.throwIfAborted()
  const { subset, root, id, name, annotations: file, cloud, related } = item
  let json: JsonObject = {}
  let drafts: readonly AnnotationDraft[] = []
  try {
    if (file !== undefined) {
      json = objectAt(parseJson(await folder.read(file), file), { file, path: '' })
      drafts = readFigures(json, { file, ids, classes, context, where: `${subset}/${id}` })
    }
  } catch (error) {
    skipOrThrow(error, file ?? '', context)
  }
  const { key, tags, objects: _objects, figures: _figures, description, ...rest } = json
  const frame = typeof key === 'string' ? ids.videos.get(key) : undefined
  const said = readTags(tags)
  const attributes = { ...booleans(said.attributes), ...(frame !== undefined && { frame }) }
  const sensors = await readSensors(folder, related, context)
  const own: JsonObject = {
    ...rest,
    ...(typeof key === 'string' && { key }),
    ...(Object.keys(said.rest).length > 0 && { tags: said.rest }),
    ...(typeof description === 'string' && description !== '' && { description }),
    ...(Object.keys(sensors).length > 0 && { sensors }),
  }
  const images = await Promise.all(
    related.map(async (path) => {
      const info = await context.probe(path)
      return { role: 'related', path, ...info, kind: 'image' } as const
    }),
  )
  const path = cloud ?? `${root}pointcloud/${name}`
  return {
    subset,
    id,
    media: [{ role: 'primary', path, kind: 'point-cloud' }, ...images],
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(Object.keys(own).length > 0 && { extra: { supervisely: own } }),
    layers: { [GROUND_TRUTH]: drafts },
  }
}

/** Where the camera of each image was, as its file says it. */
async function readSensors(
  folder: Folder,
  related: readonly string[],
  context: ReadContext,
): Promise<JsonObject> {
  const sensors: Record<string, Json> = {}
  for (const image of related) {
    const path = `${image}.json`
    try {
      if (await folder.has(path)) {
        sensors[image.slice(image.lastIndexOf('/') + 1)] = parseJson(await folder.read(path), path)
      }
    } catch (error) {
      skipOrThrow(error, path, context)
    }
  }
  return sensors
}

interface FigureReading {
  readonly file: string
  readonly ids: KeyIds
  readonly classes: ReadonlySet<string>
  readonly context: ReadContext
  readonly where: string
}

function readFigures(json: JsonObject, reading: FigureReading): readonly AnnotationDraft[] {
  const { file, context, where } = reading
  const objects = new Map<string, JsonObject>()
  const root = { file, path: '' }
  for (const [at, each] of arrayAt(json['objects'] ?? [], placeOf(root, 'objects')).entries()) {
    const place = placeOf(root, `objects[${at}]`)
    const object = objectAt(each, place)
    objects.set(stringAt(object['key'], placeOf(place, 'key')), object)
  }
  const drafts: AnnotationDraft[] = []
  for (const [at, each] of arrayAt(json['figures'] ?? [], placeOf(root, 'figures')).entries()) {
    const place = placeOf(root, `figures[${at}]`)
    try {
      const draft = readFigure(objectAt(each, place), objects, place, reading)
      if (typeof draft !== 'string') drafts.push(draft)
      else context.onLoss({ what: `annotation: ${draft}`, where })
    } catch (error) {
      skipOrThrow(error, file, context)
    }
  }
  return drafts
}

/** Returns the annotation of a figure, or the shape that we have none for. */
function readFigure(
  figure: JsonObject,
  objects: ReadonlyMap<string, JsonObject>,
  place: JsonPlace,
  { ids, classes }: FigureReading,
): AnnotationDraft | string {
  const { key, objectKey, geometryType, geometry, ...rest } = figure
  if (geometryType !== 'cuboid_3d') {
    return typeof geometryType === 'string' ? geometryType : 'figure'
  }
  const owner = stringAt(objectKey, placeOf(place, 'objectKey'))
  const object = objects.get(owner)
  if (object === undefined) throw wrongValue(placeOf(place, 'objectKey'), 'is no object')
  const category = stringAt(object['classTitle'], placeOf(place, 'classTitle'))
  if (!classes.has(category)) {
    throw wrongValue(placeOf(place, 'classTitle'), `is no class of the project: ${category}`)
  }
  const shape = objectAt(geometry, placeOf(place, 'geometry'))
  const sourceId = typeof key === 'string' ? ids.figures.get(key) : undefined
  const tags = readTags(object['tags'])
  const attributes = booleans(tags.attributes)
  const { key: _key, classTitle: _title, tags: _tags, ...fields } = object
  const own: JsonObject = {
    ...rest,
    objectKey: owner,
    ...(typeof key === 'string' && { key }),
    ...(Object.keys(fields).length > 0 && { object: fields }),
    ...(Object.keys(tags.rest).length > 0 && { tags: tags.rest }),
  }
  return {
    type: 'cuboid-3d',
    position: axes(shape['position'], placeOf(place, 'geometry.position')),
    rotation: axes(shape['rotation'], placeOf(place, 'geometry.rotation')),
    size: axes(shape['dimensions'], placeOf(place, 'geometry.dimensions')),
    category,
    track: ids.objects.get(owner) ?? owner,
    ...(sourceId !== undefined && { sourceId }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    extra: { supervisely: own },
  }
}

function axes(json: Json | undefined, place: JsonPlace): readonly [number, number, number] {
  const object = objectAt(json, place)
  const numbers = [object['x'], object['y'], object['z']].map((each) => each ?? null)
  const [x, y, z] = isNumbers(numbers) ? numbers : []
  if (x === undefined || y === undefined || z === undefined) {
    throw wrongValue(place, 'should have the numbers x, y and z')
  }
  return [x, y, z]
}

/** Point clouds have no tags that are true or false, but texts that say it. */
function booleans(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => {
      if (value === 'true') return [name, true]
      return [name, value === 'false' ? false : value]
    }),
  )
}

/** Whether a project is one of point clouds. */
export function isCloudProject(info: Json | undefined): boolean {
  return isObject(info) && info['projectType'] === 'point_clouds'
}
