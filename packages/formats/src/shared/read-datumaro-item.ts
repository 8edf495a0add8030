import {
  type AnnotationDraft,
  GROUND_TRUTH,
  isAnnotationDraft,
  isAttributes,
  type Json,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import {
  isArray,
  isNumbers,
  isObject,
  type JsonObject,
  type JsonPlace,
  objectAt,
  placeOf,
  wrongValue,
} from './json-reader.ts'
import { type MediaFinder, safeMediaName } from './media-finder.ts'
import { skipOrThrow } from './skip-or-throw.ts'
import { checkCategory, partOf, readAnnotation } from './read-datumaro-annotation.ts'

/** One annotation file of a dataset. */
export interface DatumaroFile {
  readonly path: string
  readonly subset: string
  /** What stands before `annotations/`, `images/`, …: empty or ending in `/`. */
  readonly root: string
}

/** What reading an item needs besides its record. */
export interface ItemSource {
  readonly file: DatumaroFile
  /** Keys of the categories by the label numbers of the file. */
  readonly keys: readonly string[]
  readonly media: MediaFinder
  readonly context: ReadContext
}

const READ: ReadonlySet<string> = new Set(
  'id annotations attr image point_cloud related_images video_frame dsv'.split(' '),
)

/** Returns what a record of `items` says. @throws `DSV_FORMAT_SYNTAX` with the place */
export async function readItem(
  json: Json,
  place: JsonPlace,
  source: ItemSource,
): Promise<SourceItem> {
  const record = objectAt(json, place)
  const { id, attr, dsv } = record
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw wrongValue(placeOf(place, 'id'), 'should be text')
  }
  const media = await readMedia(record, String(id), source)
  const known = isAttributes(attr) && Object.keys(attr).length > 0
  const unknown = Object.entries(record).filter(([name]) => !READ.has(name))
  const rest = known || attr === undefined || isEmpty(attr) ? unknown : [...unknown, ['attr', attr]]
  const tags = isObject(dsv) ? dsv['tags'] : undefined
  return {
    subset: source.file.subset,
    id: String(id),
    media,
    ...(known ? { attributes: attr } : {}),
    ...(isArray(tags) && tags.length > 0 ? { tags: tags.map(String) } : {}),
    layers: {
      [GROUND_TRUTH]: withOthers(
        readAnnotations(record['annotations'], place, source),
        dsv,
        placeOf(place, 'dsv'),
        source,
      ),
    },
    ...(rest.length === 0 ? {} : { extra: { datumaro: Object.fromEntries(rest) } }),
  }
}

function isEmpty(json: Json): boolean {
  return json === null || (isObject(json) && Object.keys(json).length === 0)
}

function readAnnotations(
  json: Json | undefined,
  place: JsonPlace,
  { file, keys, context }: ItemSource,
): readonly AnnotationDraft[] {
  const drafts: AnnotationDraft[] = []
  const listPlace = placeOf(place, 'annotations')
  let lastPart = -1
  for (const [index, each] of (isArray(json) ? json : []).entries()) {
    try {
      const record = objectAt(each, placeOf(listPlace, index))
      const draft = readAnnotation(record, placeOf(listPlace, index), keys)
      const part = partOf(record)
      const last = drafts.at(-1)
      const isNext = part > 0 && part === lastPart + 1
      if (isNext && draft.type === 'polygon' && last?.type === 'polygon') {
        drafts[drafts.length - 1] = { ...last, parts: [...last.parts, ...draft.parts] }
      } else drafts.push(draft)
      lastPart = part
    } catch (error) {
      skipOrThrow(error, file.path, context)
      lastPart = -1
    }
  }
  return drafts
}

/** Puts annotations that Datumaro has no record for where they were. */
function withOthers(
  drafts: readonly AnnotationDraft[],
  own: Json | undefined,
  place: JsonPlace,
  { file, keys, context }: ItemSource,
): readonly AnnotationDraft[] {
  const others = isObject(own) ? own['annotations'] : undefined
  if (!isArray(others)) return drafts
  const all = [...drafts]
  for (const [at, each] of others.entries()) {
    const [index, draft] = isArray(each) ? each : []
    if (typeof index !== 'number' || !isDraft(draft)) continue
    try {
      checkCategory(draft, placeOf(placeOf(placeOf(place, 'annotations'), at), 1), keys)
      all.splice(index, 0, draft)
    } catch (error) {
      skipOrThrow(error, file.path, context)
    }
  }
  return all
}

function isDraft(json: unknown): json is AnnotationDraft {
  return isAnnotationDraft(json)
}

async function readMedia(
  record: JsonObject,
  id: string,
  source: ItemSource,
): Promise<readonly SourceMedia[]> {
  const { image, point_cloud: cloud, video_frame: frame, video, media } = record
  const related = await readRelated(record, source)
  if (isObject(cloud)) {
    const primary: SourceMedia = {
      role: 'primary',
      path: pathIn(source, 'point_clouds', textOf(cloud['path']) ?? `${id}.pcd`),
      kind: 'point-cloud',
    }
    return [primary, ...related]
  }
  if (isObject(image)) {
    const path = pathIn(source, 'images', textOf(image['path']) ?? `${id}.jpg`)
    return [await imageMedium('primary', path, image, source), ...related]
  }
  if (isObject(frame)) {
    const { video_path: path, frame_index: index } = frame
    const at = typeof index === 'number' && index >= 0 ? { frame: { index } } : {}
    const clip = pathIn(source, 'videos', textOf(path) ?? id)
    return [{ role: 'primary', path: clip, kind: 'video', ...at, ...sizeOf(frame) }, ...related]
  }
  const whole = isObject(video) ? video : undefined
  const path = textOf(whole?.['path'])
  if (path !== undefined) {
    return [{ role: 'primary', path: pathIn(source, 'videos', path), kind: 'video' }, ...related]
  }
  const other = isObject(media) ? textOf(media['path']) : undefined
  if (other === undefined) return related
  const found = pathIn(source, 'images', other)
  return [
    { role: 'primary', path: found, ...((await source.context.probe(found)) ?? { kind: 'other' }) },
  ]
}

/** Older files list the images of a point cloud beside it, newer ones within. */
async function readRelated(
  { related_images: beside, point_cloud: cloud, dsv }: JsonObject,
  source: ItemSource,
): Promise<readonly SourceMedia[]> {
  const within = isObject(cloud) ? cloud['extra_images'] : undefined
  const roles = isObject(dsv) && isArray(dsv['roles']) ? dsv['roles'] : []
  const list = isArray(beside) ? beside : isArray(within) ? within : []
  const media: SourceMedia[] = []
  for (const [index, each] of list.entries()) {
    const path = isObject(each) ? textOf(each['path']) : undefined
    if (!isObject(each) || path === undefined) continue
    const role = roles[index]
    const found = pathIn(source, 'images', path)
    media.push(await imageMedium(typeof role === 'string' ? role : 'related', found, each, source))
  }
  return media
}

async function imageMedium(
  role: string,
  path: string,
  record: JsonObject,
  { context }: ItemSource,
): Promise<SourceMedia> {
  const size = sizeOf(record)
  if (size.width !== undefined) return { role, path, kind: 'image', ...size }
  return { role, path, ...((await context.probe(path)) ?? { kind: 'image' }) }
}

/** Sizes are height, then width. */
function sizeOf({ size }: JsonObject): Pick<SourceMedia, 'width' | 'height'> {
  if (!isNumbers(size)) return {}
  const [height, width] = size
  const isSize = (value: number | undefined): value is number =>
    Number.isSafeInteger(value) && value !== undefined && value >= 0
  return isSize(height) && isSize(width) ? { width, height } : {}
}

/** Media lie in a folder of their subset; in older datasets `path` names that too. */
function pathIn({ file, media }: ItemSource, folder: string, path: string): string {
  const hints = [`${file.root}${folder}/${file.subset}/`, `${file.root}${folder}/`, file.root]
  return media.find(path, hints) ?? `${hints[0]}${safeMediaName(path)}`
}

function textOf(json: Json | undefined): string | undefined {
  return typeof json === 'string' && json !== '' ? json : undefined
}
