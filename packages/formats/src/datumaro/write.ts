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
import { jsonEncoder } from '../shared/json-encoder.ts'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { textPieces } from '../shared/text-pieces.ts'
import type { DatumaroFile } from './find-files.ts'
import { layoutFromJson, layoutToJson } from './layout.ts'
import { annotationRecords, type AnnotationTarget, ownRecord } from './write-annotation.ts'
import { writeCategories } from './write-categories.ts'

/**
 * Writes Datumaro JSON of version 1.0: a file for each subset. What Datumaro has no member for is said by
 * members called `dsv`, which it does not look at.
 */
export async function writeDatumaro(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const before = layoutFromJson(dataset.layout)
  const subsets =
    dataset.subsets.length === 0 && before.length === 0 ? ['default'] : dataset.subsets
  const kept = before.filter(({ subset }) => !subsets.includes(subset))
  const files = [...subsets.map((subset) => fileFor(subset, before)), ...kept]
  for (const { name } of dataset.schema.attributes) {
    context.onLoss({ what: 'attribute definition', where: name })
  }
  for (const file of files) {
    const writer: Writer = { dataset, context, file, isKept: before.length > 0 }
    await folder.write(file.path, textPieces(fileText(writer)))
    await placeMedia(writer, folder)
  }
  return layoutToJson(files)
}

interface Writer {
  readonly dataset: DatasetView
  readonly context: WriteContext
  readonly file: DatumaroFile
  readonly isKept: boolean
}

function fileFor(subset: string, before: readonly DatumaroFile[]): DatumaroFile {
  const known = before.find((file) => file.subset === subset)
  if (known !== undefined) return known
  const root = before[0]?.root ?? ''
  return { path: `${root}annotations/${subset}.json`, subset, root }
}

/** Values of Datumaro's `MediaType`: the kinds that it can read. */
const MEDIA_TYPES = { image: 2, video: 5, 'point-cloud': 6, other: 1 } as const

async function* fileText(writer: Writer): AsyncGenerator<string | Uint8Array> {
  const { dataset, file, context } = writer
  const { categories, info } = dataset.schema
  const rest = restOf(info['datumaro'], file.subset)
  const { label_groups: _groups, attributes: _attributes, ...members } = rest
  const head: JsonObject = {
    dm_format_version: '1.0',
    media_type: await mediaTypeOf(dataset, file.subset),
    infos: {},
    ...members,
    categories: writeCategories(categories, rest),
  }
  const encode = jsonEncoder(false)
  yield `${JSON.stringify(head).slice(0, -1)},"items":[`
  const keys = categories.map(({ key }) => key)
  const numbers = new Map(keys.map((key, index) => [key, index]))
  let isFirst = true
  for await (const item of dataset.items(file.subset)) {
    context.signal.throwIfAborted()
    const target: AnnotationTarget = {
      keys,
      numbers,
      size: sizeOf(item.media[0]),
    }
    yield isFirst ? '\n' : ',\n'
    isFirst = false
    // What the encoder gave is overwritten by the next item.
    yield Buffer.from(encode(itemRecord(item, target, writer)))
  }
  yield '\n]}\n'
}

/** What was said of the dataset as a whole, by this file or else by any. */
function restOf(info: Json | undefined, subset: string): JsonObject {
  if (!isObject(info)) return {}
  const own = info[subset] ?? Object.values(info)[0]
  return isObject(own) ? own : {}
}

async function mediaTypeOf(dataset: DatasetView, subset: string): Promise<number> {
  for await (const { media } of dataset.items(subset)) {
    const [medium] = media
    if (medium?.frame !== undefined) return 4
    if (medium !== undefined) return MEDIA_TYPES[medium.kind]
  }
  return MEDIA_TYPES.image
}

function itemRecord(item: AnnotatedItem, target: AnnotationTarget, writer: Writer): JsonObject {
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

function mediaRecord(item: AnnotatedItem, unknown: Json | undefined, writer: Writer): JsonObject {
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

function sizeOf(medium: Media | undefined): AnnotationTarget['size'] {
  const { width, height } = medium ?? {}
  return width === undefined || height === undefined ? undefined : { width, height }
}

/** Sizes are height, then width. */
function sizeRecord({ width, height }: Media): JsonObject {
  return width === undefined || height === undefined ? {} : { size: [height, width] }
}

/** Paths are below the folder of the subset, where the medium is in it. */
function pathIn(writer: Writer, item: AnnotatedItem, medium: Media): string {
  const path = targetPath(writer, item, medium)
  const { root, subset } = writer.file
  const folder = `${root}${folderOf(medium)}/${subset}/`
  if (path.startsWith(folder)) return path.slice(folder.length)
  return path.startsWith(root) ? path.slice(root.length) : path
}

function targetPath({ file, isKept }: Writer, { id, media }: AnnotatedItem, medium: Media): string {
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

async function placeMedia(writer: Writer, folder: WritableFolder): Promise<void> {
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
