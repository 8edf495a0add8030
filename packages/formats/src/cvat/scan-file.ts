import { type Folder, formatSyntax, type ReadContext } from '@dsv/core'
import { attributeOf, childOf, type XmlElement } from '../shared/xml-element.ts'
import { streamXml } from '../shared/xml-stream.ts'
import { parseNumber } from './attribute-text.ts'
import { addLabels, type CvatLabels, requireLabel } from './read-labels.ts'
import { SHAPE_NAMES } from './read-shape.ts'
import { skipOrThrow } from '../shared/skip-or-throw.ts'

/** What one look through a file tells, before its items are read. */
export interface CvatScan {
  readonly path: string
  readonly meta: XmlElement | undefined
  /** The subset of what names none. */
  readonly subset: string
  /** Elements of each frame, where the file has tracks; undefined where it has none. */
  readonly frames: ReadonlyMap<string, FrameCount> | undefined
  /** Size in pixels and name of the video, where the file is about one. */
  readonly video: VideoFacts
  /** Whether the file was found damaged, and told so. */
  readonly isDamaged: boolean
}

/** A frame of a video: which one, and how many elements say something about it. */
export interface FrameCount {
  readonly task: string | undefined
  readonly subset: string
  readonly frame: number
  count: number
}

/** What `<meta>` says of a video. */
export interface VideoFacts {
  readonly size: { readonly width: number; readonly height: number } | undefined
  readonly source: string | undefined
}

/** Elements below the root that hold what we read. */
export const WANTED: ReadonlySet<string> = new Set(['meta', 'image', 'track'])

/** Looks through a file: collects labels and, where it has tracks, counts elements by frame. */
export async function scanCvatFile(
  folder: Folder,
  path: string,
  labels: CvatLabels,
  context: ReadContext,
): Promise<CvatScan> {
  const subset = subsetOfPath(path)
  const scan: Draft = { path, labels, frames: new Map(), tracks: 0, images: 0, subset }
  let isDamaged = false
  try {
    await visit(folder, path, context, (element) => scanElement(scan, element))
    // Images have to be told apart by frame only beside tracks.
    if (scan.tracks > 0 && scan.images > 0) {
      await visit(folder, path, context, (element) => {
        if (element.name !== 'image') return
        countFrame(scan, element, findFrame(element, 'id'), element.children.length + 1)
      })
    }
  } catch (error) {
    skipOrThrow(error, path, context)
    isDamaged = true
  }
  return {
    path,
    meta: scan.meta,
    subset: scan.subset,
    frames: scan.tracks > 0 ? scan.frames : undefined,
    video: videoOf(scan.meta),
    isDamaged,
  }
}

async function visit(
  folder: Folder,
  path: string,
  { signal }: ReadContext,
  visitor: (element: XmlElement) => void,
): Promise<void> {
  const file = await folder.open(path)
  try {
    const options = { name: path, root: 'annotations', wanted: WANTED, signal }
    for await (const element of streamXml(file, options)) visitor(element)
  } finally {
    await file.close()
  }
}

/** Returns the text by which the frames of a file are told apart. */
export function frameKey(task: string | undefined, subset: string, frame: number): string {
  return JSON.stringify([task ?? null, subset, frame])
}

/** Returns the task and subset that an image or track belongs to. */
export function placeOf(
  element: XmlElement,
  subset: string,
): { readonly task: string | undefined; readonly subset: string } {
  const named = attributeOf(element, 'subset') ?? ''
  return { task: attributeOf(element, 'task_id'), subset: named === '' ? subset : named }
}

/** Returns the number of a frame. @throws `DSV_FORMAT_SYNTAX` with the line */
export function frameOf(element: XmlElement, name: 'id' | 'frame', file: string): number {
  const frame = findFrame(element, name)
  if (frame !== undefined) return frame
  throw formatSyntax(
    file,
    `line ${element.line}: <${element.name}> should have a whole number as ${name}`,
  )
}

function findFrame(element: XmlElement, name: 'id' | 'frame'): number | undefined {
  const text = attributeOf(element, name)
  const value = text === undefined ? undefined : parseNumber(text)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

interface Draft {
  readonly path: string
  readonly labels: CvatLabels
  readonly frames: Map<string, FrameCount>
  meta?: XmlElement
  subset: string
  tracks: number
  images: number
}

function scanElement(scan: Draft, element: XmlElement): void {
  if (element.name === 'meta') {
    scan.meta ??= element
    addLabels(scan.labels, element)
    const stated = subsetOfMeta(element)
    if (stated !== '') scan.subset = stated
    return
  }
  const isTrack = element.name === 'track'
  if (isTrack) scan.tracks += 1
  else scan.images += 1
  for (const shape of element.children) {
    if (!SHAPE_NAMES.has(shape.name)) continue
    scanShape(scan, shape, labelOf(isTrack ? element : shape))
    if (isTrack) countFrame(scan, element, findFrame(shape, 'frame'), 1)
  }
}

function labelOf(element: XmlElement): string {
  return attributeOf(element, 'label') ?? ''
}

function scanShape(scan: Draft, shape: XmlElement, name: string): void {
  if (name === '') return
  const label = requireLabel(scan.labels, name)
  if (shape.name !== 'skeleton') return
  for (const child of shape.children) {
    const point = child.name === 'attribute' ? '' : labelOf(child)
    if (point !== '' && !label.points.includes(point)) label.points.push(point)
  }
}

function countFrame(
  scan: Draft,
  element: XmlElement,
  frame: number | undefined,
  elements: number,
): void {
  // Frames that are malformed are told where they are read.
  if (frame === undefined) return
  const { task, subset } = placeOf(element, scan.subset)
  const key = frameKey(task, subset, frame)
  const known = scan.frames.get(key)
  if (known === undefined) scan.frames.set(key, { task, subset, frame, count: elements })
  else known.count += elements
}

/** `train.xml` is subset `train`; CVAT's own name for the file says nothing. */
function subsetOfPath(path: string): string {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.xml$/iu, '')
  return /^annotations?$/iu.test(stem) || stem === '' ? 'default' : stem
}

function subsetOfMeta(meta: XmlElement): string {
  const about = childOf(meta, 'task') ?? childOf(meta, 'job')
  return about === undefined ? '' : (childOf(about, 'subset')?.text.trim() ?? '')
}

function videoOf(meta: XmlElement | undefined): VideoFacts {
  const size = meta?.children.map((child) => childOf(child, 'original_size')).find(Boolean)
  const [width, height] = ['width', 'height'].map((name) =>
    size === undefined ? undefined : parseNumber(childOf(size, name)?.text ?? ''),
  )
  const source = meta === undefined ? undefined : childOf(meta, 'source')?.text.trim()
  return {
    size: isSize(width) && isSize(height) ? { width, height } : undefined,
    source: source === '' ? undefined : source,
  }
}

/** Whether a number can be the width or height of an image in pixels. */
export function isSize(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0
}
