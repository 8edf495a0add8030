import type { Json, MediaSource, ReadContext, SourceItem } from '@dsv/core'
import { isVideoPath } from '../media/media-kind.ts'
import { isArray, isObject, type JsonObject } from '../shared/json-reader.ts'
import type { ImagePlaces } from './image-places.ts'
import { isAttributes, setOwn } from './read-annotation.ts'

/** Returns what a record of `images` says about an item; `id` and unknown fields go to `extra.coco`. */
export async function readImage(
  record: JsonObject,
  fileName: string,
  places: ImagePlaces,
  prefix: string,
  context: ReadContext,
): Promise<Omit<SourceItem, 'subset' | 'id' | 'layers'>> {
  const { path } = await places.find(fileName)
  const coco: Record<string, Json> = {}
  for (const [key, value] of Object.entries(record)) {
    if (key === 'file_name' && path === prefix + fileName) continue
    if ((key === 'width' || key === 'height') && isSize(value)) continue
    if (key !== 'dsv' || !isObject(value)) setOwn(coco, key, value)
  }
  return {
    media: [await mediumOf(record, path, context)],
    ...extensionOf(record['dsv']),
    extra: { coco },
  }
}

/** What COCO has no field for, under one key of our own. */
function extensionOf(dsv: Json | undefined): Pick<SourceItem, 'attributes' | 'tags'> {
  if (!isObject(dsv)) return {}
  const { attributes, tags } = dsv
  return {
    ...(isAttributes(attributes) ? { attributes } : {}),
    ...(isArray(tags) && tags.every((tag) => typeof tag === 'string')
      ? { tags: tags.map(String) }
      : {}),
  }
}

async function mediumOf(
  { width, height }: JsonObject,
  path: string,
  context: ReadContext,
): Promise<MediaSource> {
  const kind = isVideoPath(path) ? 'video' : 'image'
  if (isSize(width) && isSize(height)) return { role: 'primary', path, kind, width, height }
  return { role: 'primary', path, ...((await context.probe(path)) ?? { kind }) }
}

/** Whether a width or height is one that media may have. */
function isSize(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
