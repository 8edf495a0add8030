import type {
  AnnotatedItem,
  Annotation,
  Attributes,
  AttributeValue,
  CategoryKey,
  DatasetView,
  Json,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { isPointCloudPath, withoutExtension } from '../media/media-kind.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { type Holdings, reportAnnotationLosses, reportItemLosses } from '../shared/report-losses.ts'
import { suffixOf } from '../shared/suffix-of.ts'
import { relatedFolder } from './cloud-files.ts'
import { keyFor, type KeyIds, keyIdsJson } from './key-ids.ts'
import { isTagValue, writeTags } from './tags.ts'

const INDENT = 4
const HOLDS: Holdings = {
  format: 'supervisely',
  fields: new Set(['category', 'track', 'sourceId']),
  attribute: (_, value) => isCloudValue(value),
  itemAttribute: (name, value) =>
    name === 'frame' ? Number.isSafeInteger(value) : isCloudValue(value),
}

/** What the files of all clouds share. */
interface CloudKeys extends KeyIds {
  readonly tags: Map<string, number>
  readonly objects: Map<string, number>
  readonly figures: Map<string, number>
  readonly videos: Map<string, number>
  /** Keys of objects by track. */
  readonly tracks: Map<number, string>
  next: number
}

/** Where clouds go, and what their classes are called. */
export interface CloudWriter {
  readonly folder: WritableFolder
  readonly names: ReadonlyMap<CategoryKey, string>
  readonly context: WriteContext
}

/** Writes the items of subsets in their folders, and the numbers of all keys to `keysPath`. */
export async function writeClouds(
  dataset: DatasetView,
  roots: readonly { readonly subset: string; readonly root: string }[],
  keysPath: string,
  writer: CloudWriter,
): Promise<void> {
  const keys: CloudKeys = {
    tags: new Map(),
    objects: new Map(),
    figures: new Map(),
    videos: new Map(),
    tracks: new Map(),
    next: await firstFree(dataset, writer.context),
  }
  for (const { subset, root } of roots) {
    for await (const item of dataset.items(subset)) {
      writer.context.signal.throwIfAborted()
      await writeCloud(item, root, keys, writer)
    }
  }
  const text = JSON.stringify(keyIdsJson(keys), undefined, INDENT)
  await writer.folder.write(keysPath, Buffer.from(text))
}

/** Tracks without number get numbers that no other has. */
async function firstFree(dataset: DatasetView, { layer, signal }: WriteContext): Promise<number> {
  let last = 0
  for await (const item of dataset.items()) {
    signal.throwIfAborted()
    for (const { track } of item.layers[layer] ?? []) {
      if (typeof track === 'number' && Number.isSafeInteger(track)) last = Math.max(last, track)
    }
  }
  return last + 1
}

async function writeCloud(
  item: AnnotatedItem,
  root: string,
  keys: CloudKeys,
  { folder, names, context }: CloudWriter,
): Promise<void> {
  const { onLoss, layer } = context
  const where = `${item.subset}/${item.id}`
  const [cloud, ...others] = item.media
  if (cloud === undefined || cloud.kind !== 'point-cloud') {
    onLoss({ what: 'item', where: `${where}: it is no point cloud` })
    return
  }
  const images = others.filter(({ kind }) => kind === 'image')
  const rest = others.filter(({ kind }) => kind !== 'image')
  reportItemLosses({ ...item, media: [cloud, ...rest] }, HOLDS, layer, onLoss)
  const name = cloudName(item.id, cloud.path)
  const own = item.extra?.['supervisely']
  const {
    key: known,
    sensors,
    description = '',
    tags: tagFields,
    ...fields
  } = isObject(own) ? own : {}
  const key = typeof known === 'string' ? known : keyFor(where)
  const { frame, ...attributes } = item.attributes ?? {}
  keys.videos.set(key, typeof frame === 'number' ? frame : keys.videos.size + 1)
  const objects = new Map<string, JsonObject>()
  const figures = (item.layers[layer] ?? []).flatMap((annotation, at) => {
    const written = figureOf(annotation, { names, keys, objects, where, at, onLoss })
    return written === undefined ? [] : [written]
  })
  const tags = tagsOf(attributes, key, tagFields)
  for (const tag of tags) {
    if (typeof tag['key'] === 'string') keys.tags.set(tag['key'], keys.tags.size + 1)
  }
  const json: JsonObject = {
    description,
    ...fields,
    key,
    tags,
    objects: [...objects.values()],
    figures,
  }
  await folder.write(
    `${root}ann/${name}.json`,
    Buffer.from(JSON.stringify(json, undefined, INDENT)),
  )
  if (cloud.blob !== undefined) await folder.placeMedia(`${root}pointcloud/${name}`, cloud)
  for (const image of images) {
    const file = image.path.slice(image.path.lastIndexOf('/') + 1)
    const path = `${root}related_images/${relatedFolder(name)}/${file}`
    if (image.blob !== undefined) await folder.placeMedia(path, image)
    const sensor: Json = isObject(sensors) ? (sensors[file] ?? { name: file }) : { name: file }
    await folder.write(`${path}.json`, Buffer.from(JSON.stringify(sensor, undefined, INDENT)))
  }
}

interface FigureWriting {
  readonly names: ReadonlyMap<CategoryKey, string>
  readonly keys: CloudKeys
  /** Of the cloud, by key. */
  readonly objects: Map<string, JsonObject>
  readonly where: string
  readonly at: number
  readonly onLoss: WriteContext['onLoss']
}

function figureOf(
  annotation: Annotation,
  { names, keys, objects, where, at, onLoss }: FigureWriting,
): JsonObject | undefined {
  const className = names.get(annotation.category ?? '')
  if (annotation.type !== 'cuboid-3d' || className === undefined) {
    onLoss({ what: `annotation: ${annotation.type}`, where })
    return undefined
  }
  reportAnnotationLosses(annotation, HOLDS, where, onLoss)
  const own = annotation.extra?.['supervisely']
  const { key: known, objectKey: owner, object, tags, ...fields } = isObject(own) ? own : {}
  const key =
    typeof known === 'string' && !keys.figures.has(known) ? known : keyFor(`${where}#${at}`)
  const objectFor = (objectKey: string): JsonObject => ({
    ...(isObject(object) && object),
    key: objectKey,
    classTitle: className,
    tags: tagsOf(annotation.attributes ?? {}, objectKey, tags),
  })
  let objectKey = objectKeyOf(annotation, owner, keys)
  const before = objects.get(objectKey)
  // Class and tags are those of the object, which all its figures share: others need another one.
  const isOther =
    before !== undefined && JSON.stringify(before) !== JSON.stringify(objectFor(objectKey))
  if (isOther) objectKey = newObjectKey(keys)
  objects.set(objectKey, objectFor(objectKey))
  const { sourceId, position, rotation, size } = annotation
  if (typeof sourceId === 'number') keys.figures.set(key, sourceId)
  else if (sourceId !== undefined) onLoss({ what: 'field: sourceId', where })
  const kept = keys.objects.get(objectKey) ?? objectKey
  if (annotation.track !== undefined && annotation.track !== kept) {
    onLoss({ what: 'field: track', where })
  }
  return {
    ...fields,
    key,
    objectKey,
    geometryType: 'cuboid_3d',
    geometry: { position: xyz(position), rotation: xyz(rotation), dimensions: xyz(size) },
  }
}

/** A track of numbers has one key in all clouds; one of text is the key itself, where it was read so. */
function objectKeyOf({ track }: Annotation, owner: Json | undefined, keys: CloudKeys): string {
  const own = typeof owner === 'string' ? owner : undefined
  if (typeof track === 'string' && track === own) return own
  if (typeof track !== 'number' || !Number.isSafeInteger(track)) return newObjectKey(keys)
  const known = keys.tracks.get(track)
  if (known !== undefined) return known
  const isFree = own !== undefined && !keys.objects.has(own)
  const key = isFree ? own : keyFor(`track ${track}`)
  keys.tracks.set(track, key)
  keys.objects.set(key, track)
  return key
}

function newObjectKey(keys: CloudKeys): string {
  const track = keys.next++
  const key = keyFor(`track ${track}`)
  keys.objects.set(key, track)
  return key
}

function tagsOf(
  attributes: Attributes,
  owner: string,
  fields: Json | undefined,
): readonly JsonObject[] {
  const texts = Object.entries(attributes).map(([name, value]) => [
    name,
    typeof value === 'boolean' ? String(value) : value,
  ])
  const tags = writeTags(Object.fromEntries(texts), fields)
  return tags.map((tag, at) => ({ key: keyFor(`${owner} tag ${at}`), ...tag }))
}

/** Tags of clouds say true and false as texts. */
function isCloudValue(value: AttributeValue): boolean {
  if (typeof value === 'boolean') return true
  return value !== 'true' && value !== 'false' && isTagValue(value)
}

function xyz([x, y, z]: readonly [number, number, number]): JsonObject {
  return { x, y, z }
}

function cloudName(id: string, path: string): string {
  const isName = isPointCloudPath(id) && withoutExtension(id) !== id && path.endsWith(`/${id}`)
  return isName ? safeMediaName(id) : safeMediaName(id) + suffixOf(path, '.pcd')
}
