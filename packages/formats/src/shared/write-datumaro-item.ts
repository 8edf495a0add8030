import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { isObject, type JsonObject } from './json-reader.ts'
import { safeMediaName } from './media-finder.ts'
import type { DatumaroFile } from './read-datumaro-item.ts'
import { annotationRecords, type AnnotationTarget, ownRecord } from './write-datumaro-annotation.ts'

/** What writing a file of Datumaro needs. */
export interface DatumaroWriter {
  readonly dataset: DatasetView
  readonly context: WriteContext
  readonly file: DatumaroFile
  /** Whether media stay where they were. */
  readonly isKept: boolean
}

/** Values of Datumaro's `MediaType`: the kinds that it can read. */
const MEDIA_TYPES = { image: 2, video: 5, 'point-cloud': 6, other: 1 } as const

/** Returns what was said of the dataset as a whole, by this file or else by any. */
export function membersFor(info: Json | undefined, subset: string): JsonObject {
  if (!isObject(info)) return {}
  const own = info[subset] ?? Object.values(info)[0]
  return isObject(own) ? own : {}
}

/** Returns Datumaro's number for the kind of the media of a subset. */
export async function datumaroMediaType(dataset: DatasetView, subset: string): Promise<number> {
  for await (const { media } of dataset.items(subset)) {
    const [medium] = media
    if (medium?.frame !== undefined) return 4
    if (medium !== undefined) return MEDIA_TYPES[medium.kind]
  }
  return MEDIA_TYPES.image
}

/** Returns the record of an item; reports what no record says. */
export function datumaroItemRecord(
  item: AnnotatedItem,
  target: AnnotationTarget,
  writer: DatumaroWriter,
): JsonObject {
  const { id, attributes, tags, extra, media, layers } = item
  const { context } = writer
  for (const layer of Object.keys(layers)) {
    const isEmpty = (layers[layer] ?? []).length === 0
    if (layer !== context.layer && !isEmpty) {
      context.onLoss({ what: `layer: ${layer}`, where: `${item.subset}/${id}` })
    }
  }
  const unknown = extra?.['datumaro']
  const { records, others } = recordsOf(layers[context.layer] ?? [], target, (type) => {
    context.onLoss({ what: `annotation: ${type}`, where: `${item.subset}/${id}` })
  })
  const roles = media.slice(1).map(({ role }) => role)
  const own: JsonObject = {
    ...(tags === undefined || tags.length === 0 ? {} : { tags }),
    ...(roles.some((role) => role !== 'related') ? { roles } : {}),
    ...(others.length === 0 ? {} : { annotations: others }),
  }
  return {
    ...(isObject(unknown) ? unknown : {}),
    id,
    annotations: records,
    ...(attributes === undefined ? {} : { attr: attributes }),
    ...mediaRecord(item, unknown, writer),
    ...(Object.keys(own).length === 0 ? {} : { dsv: own }),
  }
}

/** Records, and what Datumaro has none for: each with the number of annotations before it. */
function recordsOf(
  annotations: readonly Annotation[],
  target: AnnotationTarget,
  lose: (type: string) => void,
): { readonly records: readonly JsonObject[]; readonly others: readonly Json[] } {
  const records: JsonObject[] = []
  const others: Json[] = []
  for (const [index, annotation] of annotations.entries()) {
    const written = annotationRecords(annotation, target)
    records.push(...written)
    // A relation names annotations by ids that no file holds.
    if (annotation.type === 'relation') lose(annotation.type)
    else if (written.length === 0) others.push([index, ownRecord(annotation)])
  }
  return { records, others }
}

/** Returns the members of a record that say which media an item has. */
export function mediaRecord(
  item: AnnotatedItem,
  unknown: Json | undefined,
  writer: DatumaroWriter,
): JsonObject {
  const [medium, ...others] = item.media
  if (medium === undefined) return {}
  const path = pathIn(writer, item, medium)
  const size = sizeRecord(medium)
  const related = others.map((each) => ({ path: pathIn(writer, item, each), ...sizeRecord(each) }))
  const beside: JsonObject = related.length === 0 ? {} : { related_images: related }
  if (medium.kind === 'point-cloud') return { point_cloud: { path }, ...beside }
  if (medium.frame !== undefined) {
    const frame = { video_path: path, frame_index: medium.frame.index, ...size }
    return { video_frame: frame, ...beside }
  }
  if (medium.kind === 'video') {
    const video = isObject(unknown) ? unknown['video'] : undefined
    return {
      video: { ...(isObject(video) ? video : { step: 1, start_frame: 0 }), path },
      ...beside,
    }
  }
  if (medium.kind === 'other') return { media: { path }, ...beside }
  return { image: { path, ...size }, ...beside }
}

/** Returns the size of a medium, where it is known. */
export function sizeOfMedium(medium: Media | undefined): AnnotationTarget['size'] {
  const { width, height } = medium ?? {}
  return width === undefined || height === undefined ? undefined : { width, height }
}

/** Sizes are height, then width. */
function sizeRecord({ width, height }: Media): JsonObject {
  return width === undefined || height === undefined ? {} : { size: [height, width] }
}

/** Paths are below the folder of the subset, where the medium is in it. */
function pathIn(writer: DatumaroWriter, item: AnnotatedItem, medium: Media): string {
  const path = targetPath(writer, item, medium)
  const { root, subset } = writer.file
  const folder = `${root}${folderOf(medium)}/${subset}/`
  if (path.startsWith(folder)) return path.slice(folder.length)
  return path.startsWith(root) ? path.slice(root.length) : path
}

function targetPath(
  { file, isKept }: DatumaroWriter,
  { id, media }: AnnotatedItem,
  medium: Media,
): string {
  const folder = `${file.root}${folderOf(medium)}/`
  if (isKept && medium.path.startsWith(file.root)) return medium.path
  const extension = extensionOf(medium.path)
  const suffix = extension === '' ? '' : medium.path.slice(-extension.length - 1)
  const name = lastSegment(medium.path)
  if (medium.frame !== undefined) return `${folder}${file.subset}/${name}`
  const isPrimary = media[0] === medium
  const number = media.indexOf(medium) - 1
  const own = isPrimary ? `${id}${suffix}` : `${id}/extra_image_${number}${suffix}`
  return `${folder}${file.subset}/${safeMediaName(own)}`
}

function folderOf({ kind, role }: Media): string {
  if (role === 'primary' && kind === 'point-cloud') return 'point_clouds'
  return role === 'primary' && kind === 'video' ? 'videos' : 'images'
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Places the media of a subset where its records say. */
export async function placeDatumaroMedia(
  writer: DatumaroWriter,
  folder: WritableFolder,
): Promise<void> {
  const placed = new Set<string>()
  for await (const item of writer.dataset.items(writer.file.subset)) {
    writer.context.signal.throwIfAborted()
    for (const medium of item.media) {
      if (medium.blob === undefined) continue
      const path = targetPath(writer, item, medium)
      // A video is the medium of many frames.
      if (medium.frame !== undefined && placed.has(path)) continue
      if (medium.frame !== undefined) placed.add(path)
      await folder.placeMedia(path, medium)
    }
  }
}
