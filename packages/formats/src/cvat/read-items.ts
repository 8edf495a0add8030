import {
  type AnnotationDraft,
  type Folder,
  formatSyntax,
  GROUND_TRUTH,
  type Json,
  type ReadContext,
  type SourceItem,
  type SourceMedia,
} from '@dsv/core'
import { isVideoPath } from '../media/media-kind.ts'
import type { MediaFinder } from '../shared/media-finder.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'
import { attributeOf, type XmlElement } from '../shared/xml-element.ts'
import { streamXml } from '../shared/xml-stream.ts'
import { parseNumber } from './attribute-text.ts'
import { frameName, type IdRegister, idOfName } from './item-names.ts'
import type { CvatLabels } from './read-labels.ts'
import { readShape, SHAPE_NAMES, type ShapeSource, type TrackFacts } from './read-shape.ts'
import {
  type CvatScan,
  type FrameCount,
  frameKey,
  frameOf,
  isSize,
  placeOf,
  WANTED,
} from './scan-file.ts'

/** What reading the items of a file needs. */
export interface ItemSource {
  readonly folder: Folder
  readonly scan: CvatScan
  readonly labels: CvatLabels
  readonly media: MediaFinder
  readonly ids: IdRegister
  /** Whether there is only this file; otherwise items say which one they are from. */
  readonly isOnly: boolean
  readonly context: ReadContext
}

/** Shapes of so many elements are in memory at once. */
const BLOCK_ELEMENTS = 200_000

/** Reads the items of a file: image by image or, where it has tracks, frame by frame. */
export async function* readItems(source: ItemSource): AsyncGenerator<SourceItem> {
  try {
    if (source.scan.frames === undefined) yield* readImages(source)
    else yield* readFrames(source, source.scan.frames)
  } catch (error) {
    // Looking through the file has told it already.
    const { scan, context } = source
    const told = { ...context, onProblem: scan.isDamaged ? () => undefined : context.onProblem }
    skipOrThrow(error, scan.path, told)
  }
}

async function* readImages(source: ItemSource): AsyncGenerator<SourceItem> {
  for await (const element of elementsOf(source)) {
    if (element.name !== 'image') continue
    const draft = await attempt(source, async () => imageDraft(source, element))
    if (draft !== undefined) yield finishItem(source, draft)
  }
}

/**
 * Tracks lie across frames: the file is read once for each block of frames, and only shapes of that
 * block are kept.
 */
async function* readFrames(
  source: ItemSource,
  frames: ReadonlyMap<string, FrameCount>,
): AsyncGenerator<SourceItem> {
  let told = source
  for (const block of blocksOf(frames)) {
    const drafts = new Map<string, ItemDraft>()
    for (const frame of block) {
      const key = frameKey(frame.task, frame.subset, frame.frame)
      drafts.set(key, await frameDraft(source, frame))
    }
    for await (const element of elementsOf(source)) {
      if (element.name === 'image') await joinImage(source, element, drafts, told)
      if (element.name === 'track') addTrack(source, element, drafts, told)
    }
    for (const draft of drafts.values()) yield finishItem(source, draft)
    // What is wrong with no frame in particular is told once.
    told = { ...source, context: { ...source.context, onProblem: () => undefined } }
  }
}

/** Frames in order, in blocks of bounded size. */
function* blocksOf(frames: ReadonlyMap<string, FrameCount>): Generator<readonly FrameCount[]> {
  const sorted = [...frames.values()].toSorted((a, b) => {
    const [x, y] = [`${a.subset}\0${a.task ?? ''}`, `${b.subset}\0${b.task ?? ''}`]
    return x === y ? a.frame - b.frame : x < y ? -1 : 1
  })
  let block: FrameCount[] = []
  let count = 0
  for (const frame of sorted) {
    if (count > 0 && count + frame.count > BLOCK_ELEMENTS) {
      yield block
      block = []
      count = 0
    }
    block.push(frame)
    count += frame.count
  }
  if (block.length > 0) yield block
}

async function* elementsOf({ folder, scan, context }: ItemSource): AsyncGenerator<XmlElement> {
  const file = await folder.open(scan.path)
  try {
    const { signal } = context
    yield* streamXml(file, { name: scan.path, root: 'annotations', wanted: WANTED, signal })
  } finally {
    await file.close()
  }
}

/** An item while its shapes are collected. */
interface ItemDraft {
  readonly subset: string
  readonly task: string | undefined
  readonly frame: number
  name: string
  media: SourceMedia
  readonly cvat: Record<string, Json>
  readonly annotations: AnnotationDraft[]
  hasImage: boolean
}

async function imageDraft(source: ItemSource, element: XmlElement): Promise<ItemDraft> {
  const { task, subset } = placeOf(element, source.scan.subset)
  const frame = frameOf(element, 'id', source.scan.path)
  const name = nameOf(element, frame, source)
  const draft: ItemDraft = {
    subset,
    task,
    frame,
    name,
    media: await imageMedium(source, element, name, subset),
    cvat: extraOf(element),
    annotations: [],
    hasImage: true,
  }
  addShapes(source, element, draft)
  return draft
}

/** A frame of which only tracks may tell: an image of its name, else a frame of the video. */
async function frameDraft(
  source: ItemSource,
  { task, subset, frame }: FrameCount,
): Promise<ItemDraft> {
  const { video, path } = source.scan
  const name = frameName(frame)
  const base = { subset, task, frame, name, cvat: {}, annotations: [], hasImage: false }
  const hints = hintsFor(path, subset)
  const image = ['PNG', 'png', 'jpg', 'JPG', 'jpeg']
    .map((extension) => source.media.find(`${name}.${extension}`, hints))
    .find((found) => found !== undefined)
  if (image !== undefined || video.source === undefined || !isVideoPath(video.source)) {
    const shown = image ?? `${folderOf(path)}images/${name}.PNG`
    return { ...base, media: await sizedMedium(source, shown, video.size) }
  }
  const clip = source.media.find(video.source, hints) ?? `${folderOf(path)}${video.source}`
  const media: SourceMedia = {
    role: 'primary',
    path: clip,
    kind: 'video',
    ...video.size,
    frame: { index: frame },
  }
  return { ...base, media }
}

async function joinImage(
  source: ItemSource,
  element: XmlElement,
  drafts: ReadonlyMap<string, ItemDraft>,
  told: ItemSource,
): Promise<void> {
  const { task, subset } = placeOf(element, source.scan.subset)
  const frame = attemptNow(told, () => frameOf(element, 'id', source.scan.path))
  const draft = frame === undefined ? undefined : drafts.get(frameKey(task, subset, frame))
  if (frame === undefined || draft === undefined) return
  await attempt(source, async () => {
    if (!draft.hasImage) {
      draft.name = nameOf(element, frame, source)
      // A frame of a video stays one; only what is an image has a name of its own.
      if (draft.media.kind !== 'video' || idOfName(draft.name) !== frameName(frame)) {
        draft.media = await imageMedium(source, element, draft.name, subset)
      }
      Object.assign(draft.cvat, extraOf(element))
      draft.hasImage = true
    }
    addShapes(source, element, draft)
  })
}

function addShapes(source: ItemSource, element: XmlElement, draft: ItemDraft): void {
  const size = sizeOf(draft)
  let lastPart = -1
  for (const child of element.children) {
    if (!SHAPE_NAMES.has(child.name)) continue
    const shape = attemptNow(source, () => {
      return readShape(child, { file: source.scan.path, labels: source.labels, size })
    })
    lastPart = shape === undefined ? -1 : addDraft(draft.annotations, shape, child, lastPart)
  }
}

/** Returns the number of the part that was added; a polygon's next part joins the one before. */
function addDraft(
  annotations: AnnotationDraft[],
  shape: AnnotationDraft,
  element: XmlElement,
  lastPart: number,
): number {
  const part = parseNumber(attributeOf(element, 'part') ?? '') ?? -1
  const last = annotations.at(-1)
  if (part > 0 && part === lastPart + 1 && shape.type === 'polygon' && last?.type === 'polygon') {
    annotations[annotations.length - 1] = { ...last, parts: [...last.parts, ...shape.parts] }
  } else {
    annotations.push(shape)
  }
  return part
}

function addTrack(
  source: ItemSource,
  element: XmlElement,
  drafts: ReadonlyMap<string, ItemDraft>,
  told: ItemSource,
): void {
  const { path } = source.scan
  const { task, subset } = placeOf(element, source.scan.subset)
  const track = attemptNow(told, () => trackOf(source, element))
  if (track === undefined) return
  for (const child of element.children) {
    if (!SHAPE_NAMES.has(child.name)) continue
    if (attributeOf(child, 'generated') === '1') continue
    const frame = attemptNow(told, () => frameOf(child, 'frame', path))
    const draft = frame === undefined ? undefined : drafts.get(frameKey(task, subset, frame))
    if (draft === undefined) continue
    const size = sizeOf(draft)
    const shape = attemptNow(source, () => {
      return readShape(child, { file: path, labels: source.labels, size, track })
    })
    if (shape === undefined) continue
    const part = parseNumber(attributeOf(child, 'part') ?? '') ?? -1
    addDraft(draft.annotations, shape, child, part - 1)
  }
}

function sizeOf({ media }: ItemDraft): ShapeSource['size'] {
  const { width, height } = media
  return width === undefined || height === undefined ? undefined : { width, height }
}

const TRACK_NAMES: ReadonlySet<string> = new Set([
  'id',
  'label',
  'source',
  'group_id',
  'subset',
  'task_id',
])

function trackOf({ scan, isOnly }: ItemSource, element: XmlElement): TrackFacts {
  const values = new Map(element.attributes)
  const text = values.get('id')
  const number = text === undefined ? undefined : parseNumber(text)
  if (number === undefined) {
    throw formatSyntax(scan.path, `line ${element.line}: <track> should have a number as id`)
  }
  return {
    // Tracks are numbered within a file.
    id: isOnly ? number : `${scan.path}:${number}`,
    label: values.get('label') ?? '',
    group: values.get('group_id'),
    source: values.get('source'),
    extra: Object.fromEntries([...values].filter(([name]) => !TRACK_NAMES.has(name))),
  }
}

const IMAGE_NAMES: ReadonlySet<string> = new Set([
  'id',
  'name',
  'subset',
  'task_id',
  'width',
  'height',
])

function extraOf(element: XmlElement): Record<string, Json> {
  return Object.fromEntries(element.attributes.filter(([name]) => !IMAGE_NAMES.has(name)))
}

function nameOf(element: XmlElement, frame: number, { scan }: ItemSource): string {
  const name = attributeOf(element, 'name') ?? frameName(frame)
  if (name.trim() !== '') return name
  throw formatSyntax(scan.path, `line ${element.line}: <image> should have a name`)
}

async function imageMedium(
  source: ItemSource,
  element: XmlElement,
  name: string,
  subset: string,
): Promise<SourceMedia> {
  const values = new Map(element.attributes)
  const [width, height] = ['width', 'height'].map((key) => parseNumber(values.get(key) ?? ''))
  const { path } = source.scan
  const found = source.media.find(name, hintsFor(path, subset))
  const size = isSize(width) && isSize(height) ? { width, height } : undefined
  return sizedMedium(source, found ?? missingPath(path, name), size)
}

async function sizedMedium(
  { context }: ItemSource,
  path: string,
  size: { readonly width: number; readonly height: number } | undefined,
): Promise<SourceMedia> {
  const kind = isVideoPath(path) ? 'video' : 'image'
  if (size !== undefined) return { role: 'primary', path, kind, ...size }
  return { role: 'primary', path, ...((await context.probe(path)) ?? { kind }) }
}

function missingPath(file: string, name: string): string {
  const segments = name.replaceAll('\\', '/').split('/')
  const safe = segments.filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
  return `${folderOf(file)}images/${safe.join('/') || 'unnamed'}`
}

/** Where an export keeps its images: beside the file, by subset in those of projects. */
function hintsFor(file: string, subset: string): readonly string[] {
  const folder = folderOf(file)
  return [`${folder}images/${subset}/`, `${folder}images/`, `${folder}${subset}/`, folder]
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function finishItem(source: ItemSource, draft: ItemDraft): SourceItem {
  const { subset, task, frame, name, media, cvat, annotations } = draft
  const id = source.ids.take(subset, name, task)
  const extension = media.path.slice(idOfName(media.path).length)
  const extra: Record<string, Json> = {
    ...cvat,
    id: frame,
    ...(task === undefined ? {} : { task_id: task }),
    ...(`${id}${extension}` === name || id === name ? {} : { name }),
    ...(source.isOnly ? {} : { file: source.scan.path }),
  }
  return {
    subset,
    id,
    media: [media],
    layers: { [GROUND_TRUTH]: annotations },
    extra: { cvat: extra },
  }
}

async function attempt<Value>(
  { scan, context }: ItemSource,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    skipOrThrow(error, scan.path, context)
    return undefined
  }
}

function attemptNow<Value>({ scan, context }: ItemSource, work: () => Value): Value | undefined {
  try {
    return work()
  } catch (error) {
    skipOrThrow(error, scan.path, context)
    return undefined
  }
}
