import {
  type AnnotationDraft,
  type DatasetStream,
  EMPTY_SCHEMA,
  type Folder,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
} from '@dsv/core'
import { isImagePath, withoutExtension } from '../media/media-kind.ts'
import { freeId, idOfImage } from '../shared/image-name.ts'
import { arrayAt, isObject, type JsonObject, parseJson, placeOf } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { readAhead } from '../shared/read-ahead.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { readMaskRecord } from './read-mask.ts'

const FILES_AT_ONCE = 8

/** Reads a JSON file for each image, one after the other. @throws `DSV_FORMAT_SYNTAX` */
export async function readSegmentAnything(
  folder: Folder,
  context: ReadContext,
): Promise<DatasetStream> {
  context.signal.throwIfAborted()
  const paths = await folder.list()
  const items = readItems(folder, paths, context)
  return { schema: EMPTY_SCHEMA, layout: null, items }
}

async function* readItems(
  folder: Folder,
  paths: readonly string[],
  context: ReadContext,
): AsyncGenerator<SourceItem> {
  const used = new Map<string, Set<string>>()
  const seen = new Set<string>()
  const named = (item: SourceItem): SourceItem => {
    const ids = used.get(item.subset) ?? new Set<string>()
    used.set(item.subset, ids)
    seen.add(item.media[0]?.path ?? '')
    return { ...item, id: freeId(item.id, ids) }
  }
  const files = paths.filter((path) => path.toLowerCase().endsWith('.json'))
  const read = readAhead(files, FILES_AT_ONCE, async (path) => {
    context.signal.throwIfAborted()
    try {
      return await readFile(folder, path, context)
    } catch (error) {
      skipOrThrow(error, path, context)
      return undefined
    }
  })
  for await (const item of read) if (item !== undefined) yield named(item)
  const others = paths.filter((path) => isImagePath(path) && !seen.has(path))
  const images = readAhead(others, FILES_AT_ONCE, async (path): Promise<SourceItem> => {
    context.signal.throwIfAborted()
    const media = [
      { role: 'primary', path, ...(await context.probe(path)), kind: 'image' as const },
    ]
    return { ...placeOfPath(withoutExtension(path)), media, layers: { [GROUND_TRUTH]: [] } }
  })
  for await (const item of images) yield named(item)
}

/** The first folder is a subset. */
function placeOfPath(path: string): { readonly subset: string; readonly id: string } {
  const slash = path.indexOf('/')
  if (slash < 0) return { subset: 'default', id: path }
  return { subset: path.slice(0, slash), id: path.slice(slash + 1) }
}

/** Returns what a file says; undefined when it is about something else than an image. */
async function readFile(
  folder: Folder,
  path: string,
  context: ReadContext,
): Promise<SourceItem | undefined> {
  const json = parseJson(await folder.read(path), path)
  if (!isObject(json) || !isObject(json['image'])) return undefined
  const { image } = json
  const start = path.lastIndexOf('/') + 1
  const stated = image['file_name']
  const usual = `${withoutExtension(path.slice(start))}.jpg`
  const name = path.slice(0, start) + safeMediaName(typeof stated === 'string' ? stated : usual)
  const info = (await folder.has(name)) ? await context.probe(name) : undefined
  return {
    ...placeOfPath(idOfImage(name)),
    media: [{ role: 'primary', path: name, ...sizeOf(image), ...info, kind: 'image' }],
    ...extraOf(json, image),
    layers: { [GROUND_TRUTH]: readMasks(json['annotations'], path) },
  }
}

function sizeOf({ width, height }: JsonObject): { width?: number; height?: number } {
  if (typeof width !== 'number' || typeof height !== 'number') return {}
  const isSize = Number.isSafeInteger(width) && Number.isSafeInteger(height)
  return isSize && width > 0 && height > 0 ? { width, height } : {}
}

function readMasks(value: Json | undefined, file: string): readonly AnnotationDraft[] {
  if (value === undefined) return []
  const place = { file, path: 'annotations' }
  return arrayAt(value, place).map((each, at) => readMaskRecord(each, placeOf(place, at)))
}

/** What is neither name, size nor masks: the number of the image above all. */
function extraOf(json: JsonObject, image: JsonObject): Pick<SourceItem, 'extra'> {
  const known = new Set(['file_name', 'width', 'height'])
  const own = Object.entries(image).filter(([name]) => !known.has(name))
  const others = Object.entries(json).filter(([name]) => name !== 'image' && name !== 'annotations')
  if (own.length === 0 && others.length === 0) return {}
  return {
    extra: {
      'segment-anything': {
        ...(own.length > 0 && { image: Object.fromEntries(own) }),
        ...(others.length > 0 && { file: Object.fromEntries(others) }),
      },
    },
  }
}
