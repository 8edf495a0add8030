import {
  type AnnotationDraft,
  type Category,
  type DatasetStream,
  type Folder,
  GROUND_TRUTH,
  type Mask,
  maskGeometry,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { decodeLabelPlane, planeMasks, UNLABELLED } from '../shared/label-plane.ts'
import { decodeMaskPng } from '../shared/mask-png.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import type { AdeImage, AdeObject } from './ade-object.ts'
import { type AdeItem, findAdeItems } from './find-files.ts'
import { parseAttributes } from './parse-attributes.ts'
import { parseAdeJson } from './parse-json.ts'

const FILES_AT_ONCE = 8

/**
 * Reads ADE20K. The descriptions are looked through once for the names of classes; memory grows with the
 * list of files.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export async function readAde20k(folder: Folder, context: ReadContext): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const items = findAdeItems(await folder.list())
  const categories = new Map<string, Category>()
  // What is wrong with a file is told when its item is read.
  const quiet = { ...context, onProblem: () => undefined }
  const read = async (item: AdeItem): Promise<AdeImage> => readText(item, folder, quiet)
  for await (const { objects } of readAhead(items, FILES_AT_ONCE, read)) {
    context.signal.throwIfAborted()
    for (const object of objects) {
      if (!categories.has(object.name)) categories.set(object.name, categoryOf(object))
    }
  }
  return {
    schema: { categories: [...categories.values()], attributes: [], info: {} },
    layout: { version: 1 },
    items: readAhead(items, FILES_AT_ONCE, async (item) => readItem(item, folder, context)),
  }
}

function categoryOf({ name, className, classNumber }: AdeObject): Category {
  return {
    key: name,
    name,
    ...(className !== '' && className !== name && { extra: { ade20k: { class: className } } }),
    ...(classNumber !== undefined && { sourceIds: { ade20k: classNumber } }),
  }
}

const NOTHING: AdeImage = { objects: [], attributes: {} }

async function readText(
  { text }: AdeItem,
  folder: Folder,
  context: ReadContext,
): Promise<AdeImage> {
  if (text === undefined) return NOTHING
  try {
    const bytes = await folder.read(text)
    return text.endsWith('.json') ? parseAdeJson(bytes, text) : parseAttributes(bytes, text)
  } catch (error) {
    skipOrThrow(error, text, context)
    return NOTHING
  }
}

async function readItem(item: AdeItem, folder: Folder, context: ReadContext): Promise<SourceItem> {
  const { subset, id, image, text } = item
  context.signal.throwIfAborted()
  const { objects, attributes } = await readText(item, folder, context)
  const isJson = text?.endsWith('.json') === true
  const masks: AnnotationDraft[] = []
  const levels = isJson ? [] : await readLevels(item, folder, context)
  for (const object of objects.toSorted((a, b) => a.level - b.level)) {
    const mask = isJson
      ? await readOwnMask(object, item, folder, context)
      : levels[object.level]?.get(object.id)
    if (mask !== undefined) masks.push({ ...maskGeometry(mask), ...commonOf(object) })
    else if (object.polygon.length < 6) {
      const where = `${subset}/${id}: ${object.name} ${object.id}`
      context.onLoss({ what: 'annotation: mask', where })
    }
  }
  const polygons = objects
    .filter(({ polygon }) => polygon.length >= 6)
    .map((object): AnnotationDraft => {
      return { type: 'polygon', parts: [[object.polygon]], ...commonOf(object) }
    })
  const info = await context.probe(image)
  const hasBoth = masks.length > 0 && polygons.length > 0
  return {
    subset,
    id,
    media: [{ role: 'primary', path: image, ...info, kind: 'image' }],
    ...(Object.keys(attributes).length > 0 && { attributes }),
    layers: {
      [GROUND_TRUTH]: masks.length > 0 ? masks : polygons,
      ...(hasBoth && { polygons }),
    },
  }
}

function commonOf(object: AdeObject): Omit<AnnotationDraft, 'type'> {
  const { id, level, name, occluded, truncated, attributes, extra } = object
  const hasExtra = Object.keys(Object(extra)).length > 0
  return {
    category: name,
    // Numbers of parts begin again at each level.
    sourceId: level === 0 ? id : `${level}/${id}`,
    ...(level > 0 && { zOrder: level }),
    ...(occluded !== undefined && { occluded }),
    ...(truncated !== undefined && { truncated }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(hasExtra && { extra: { ade20k: extra } }),
  }
}

/** The masks of each level by the number of their object. */
async function readLevels(
  { levels }: AdeItem,
  folder: Folder,
  context: ReadContext,
): Promise<readonly ReadonlyMap<number, Mask>[]> {
  const read: ReadonlyMap<number, Mask>[] = []
  for (const path of levels) {
    try {
      read.push(path === undefined ? new Map() : readLevel(await folder.read(path), path))
    } catch (error) {
      skipOrThrow(error, path ?? '', context)
      read.push(new Map())
    }
  }
  return read
}

/**
 * The blue channel tells objects apart: the n-th smallest value but 0 is object n.
 *
 * @see https://github.com/CSAILVision/ADE20K `utils/utils_ade20k.py`
 */
function readLevel(bytes: Uint8Array, path: string): ReadonlyMap<number, Mask> {
  const plane = decodeLabelPlane(bytes, path, {
    ofIndex: (value) => (value === 0 ? UNLABELLED : value),
    ofColor: (color) => ((color & 255) === 0 ? UNLABELLED : color & 255),
  })
  return new Map([...planeMasks(plane).values()].map((mask, index) => [index + 1, mask]))
}

async function readOwnMask(
  { mask }: AdeObject,
  { image }: AdeItem,
  folder: Folder,
  context: ReadContext,
): Promise<Mask | undefined> {
  if (mask === undefined) return undefined
  const path = image.slice(0, image.lastIndexOf('/') + 1) + safeMediaName(mask)
  if (!(await folder.has(path))) return undefined
  try {
    return decodeMaskPng(await folder.read(path), path)
  } catch (error) {
    skipOrThrow(error, path, context)
    return undefined
  }
}
