import type {
  AnnotatedItem,
  DatasetView,
  Json,
  Media,
  WritableFolder,
  WriteContext,
} from '@dsv/core'
import { isObject } from '../shared/json-reader.ts'
import { safeMediaName } from '../shared/media-finder.ts'
import { textPieces } from '../shared/text-pieces.ts'
import { XML_NAME } from '../shared/xml-element.ts'
import { isXmlText } from '../shared/xml-text.ts'
import { type FileWriter, isTracked, itemsOfFile, targetOf } from './file-writer.ts'
import { frameName, idOfName, isNameOf } from './item-names.ts'
import { layoutToJson } from './layout.ts'
import { type FilePlan, planWrite } from './plan-write.ts'
import { metaLines, reportCategoryLosses } from './write-meta.ts'
import { cvatOf, shapeLines } from './write-shape.ts'
import { trackLines } from './write-tracks.ts'
import { startTag, type WrittenAttributes } from './xml-lines.ts'

/**
 * Writes CVAT XML 1.1: the files of the layout, or one. The variant `images` holds every item with its
 * shapes; `video` holds shapes of tracks in `<track>` and all others in `<image>`, which CVAT reads too.
 */
export async function writeCvat(
  dataset: DatasetView,
  folder: WritableFolder,
  context: WriteContext,
): Promise<Json> {
  context.signal.throwIfAborted()
  const plan = await planWrite(dataset, context)
  reportCategoryLosses(plan.categories, context.onLoss)
  const { attributes } = dataset.schema
  for (const { name } of attributes) context.onLoss({ what: 'attribute definition', where: name })
  const categories = new Map(plan.categories.map((category) => [category.key, category]))
  for (const file of plan.files) {
    const writer: FileWriter = { dataset, folder, context, plan, file, categories }
    await folder.write(file.layout.path, textPieces(documentText(writer)))
    await placeMedia(writer)
  }
  return layoutToJson({ version: 1, files: plan.files.map(({ layout }) => layout) })
}

async function* documentText(writer: FileWriter): AsyncGenerator<string> {
  const { file, plan, dataset } = writer
  const { cvat } = dataset.schema.info
  const before = isObject(cvat) && plan.isKept ? cvat[file.layout.path] : undefined
  const head = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<annotations>',
    '  <version>1.1</version>',
    ...metaLines(before, metaFacts(file), plan.categories),
  ]
  yield `${head.join('\n')}\n`
  for await (const { item, frame } of itemsOfFile(writer)) {
    const lines = imageLines(writer, item, frame)
    if (lines.length > 0) yield `${lines.join('\n')}\n`
  }
  for await (const lines of trackLines(writer)) yield `${lines.join('\n')}\n`
  yield '</annotations>\n'
}

function metaFacts(file: FilePlan): Parameters<typeof metaLines>[1] {
  const { layout, subsets, items, firstFrame, lastFrame, video } = file
  const isProject = subsets.size > 1
  const { width, height } = video ?? {}
  return {
    subset: layout.subset,
    subsets: isProject ? [...subsets].toSorted() : [],
    size: items,
    isVideo: layout.variant === 'video',
    startFrame: firstFrame === Infinity ? 0 : firstFrame,
    stopFrame: firstFrame === Infinity ? Math.max(0, items - 1) : lastFrame,
    ...(video === undefined || width === undefined || height === undefined
      ? {}
      : { video: { width, height, source: lastSegment(video.path) } }),
  }
}

function imageLines(writer: FileWriter, item: AnnotatedItem, frame: number): readonly string[] {
  const { context, file } = writer
  const isVideo = file.layout.variant === 'video'
  const all = item.layers[context.layer] ?? []
  const shapes = isVideo ? all.filter((each) => !isTracked(each)) : all
  if (isVideo && shapes.length === 0 && all.length > 0 && isPlainFrame(item, frame)) return []
  reportItemLosses(writer, item)
  const { where, onLoss, ...target } = targetOf(writer, item, context.onLoss)
  const inner = shapes.flatMap((annotation) => {
    if (annotation.track !== undefined) onLoss({ what: 'field: track', where })
    if (cvatOf(annotation)['keyframe'] !== undefined) onLoss({ what: 'extra: keyframe', where })
    return shapeLines(annotation, { ...target, where, onLoss, frame: undefined })
  })
  const start = startTag('image', imageAttributes(writer, item, frame))
  return inner.length === 0 ? [`  ${start}/>`] : [`  ${start}>`, ...inner, '  </image>']
}

/** Whether all that there is to say of an item follows from its number: a frame of a video. */
function isPlainFrame(item: AnnotatedItem, frame: number): boolean {
  const [medium] = item.media
  const isFrame = medium?.frame?.index === frame || medium?.path.includes(frameName(frame)) === true
  return isFrame && item.id === frameName(frame)
}

function imageAttributes(
  { file, context }: FileWriter,
  item: AnnotatedItem,
  frame: number,
): WrittenAttributes {
  const cvat = cvatOf(item)
  const [medium] = item.media
  const task = cvat['task_id']
  const name = nameOf(item)
  if (!isXmlText(name) || !isXmlText(item.subset)) {
    context.onLoss({ what: 'item', where: `${item.subset}/${item.id}` })
  }
  const unknown = Object.entries(cvat).flatMap(([key, value]) => {
    const isOurs = ['id', 'name', 'file', 'task_id', 'subset', 'width', 'height'].includes(key)
    if (isOurs || typeof value !== 'string' || !XML_NAME.test(key) || !isXmlText(value)) return []
    return [[key, value] as const]
  })
  return [
    ['id', frame],
    ['name', xmlName(name)],
    ['subset', item.subset === file.layout.subset ? undefined : xmlName(item.subset)],
    ['task_id', typeof task === 'string' || typeof task === 'number' ? task : undefined],
    ['width', medium?.width],
    ['height', medium?.height],
    ...unknown,
  ]
}

function xmlName(text: string): string {
  return isXmlText(text) ? text : Buffer.from(text).toString('hex')
}

/** Returns the name of an image: the one it had, or its id with the extension of the file. */
function nameOf(item: AnnotatedItem): string {
  const { name, task_id: task } = cvatOf(item)
  if (typeof name === 'string' && name.trim() !== '' && isNameOf(item.id, name, task)) return name
  const path = item.media[0]?.path ?? ''
  const isFrame = item.media[0]?.frame !== undefined
  const extension = isFrame ? '' : path.slice(idOfName(path).length)
  const plain = `${item.id}${extension}`
  return idOfName(plain) === item.id ? plain : `${plain}.png`
}

function reportItemLosses({ context }: FileWriter, item: AnnotatedItem): void {
  const where = `${item.subset}/${item.id}`
  for (const name of Object.keys(item.attributes ?? {})) {
    context.onLoss({ what: `item attribute: ${name}`, where })
  }
  if ((item.tags ?? []).length > 0) context.onLoss({ what: 'field: tags', where })
  for (const { role } of item.media.slice(1)) context.onLoss({ what: `media: ${role}`, where })
  for (const layer of Object.keys(item.layers)) {
    const isEmpty = (item.layers[layer] ?? []).length === 0
    if (layer !== context.layer && !isEmpty) context.onLoss({ what: `layer: ${layer}`, where })
  }
}

async function placeMedia(writer: FileWriter): Promise<void> {
  const { folder, file } = writer
  const placed = new Set<string>()
  for await (const { item } of itemsOfFile(writer)) {
    const [medium] = item.media
    if (medium?.blob === undefined) continue
    const path = isInPlace(writer, item, medium) ? medium.path : newPath(file, item)
    // A video is the medium of many frames.
    if (medium.frame !== undefined && placed.has(path)) continue
    if (medium.frame !== undefined) placed.add(path)
    await folder.placeMedia(path, medium)
  }
}

/** Whether a reader finds the image where it was: an item that got another id has another name. */
function isInPlace({ plan }: FileWriter, item: AnnotatedItem, { path, frame }: Media): boolean {
  if (!plan.isKept || item.extra?.['cvat'] === undefined) return false
  const name = safeMediaName(nameOf(item))
  return frame !== undefined || path === name || path.endsWith(`/${name}`)
}

/** Exports of projects have a folder for each subset. */
function newPath({ layout, subsets }: FilePlan, item: AnnotatedItem): string {
  const folder = layout.path.slice(0, layout.path.lastIndexOf('/') + 1)
  const [medium] = item.media
  if (medium?.frame !== undefined) return `${folder}${lastSegment(medium.path)}`
  return `${folder}images/${subsets.size > 1 ? `${item.subset}/` : ''}${nameOf(item)}`
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
