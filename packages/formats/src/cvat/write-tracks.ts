import type { AnnotatedItem, Annotation } from '@dsv/core'
import { interpolateGeometry } from './interpolate-geometry.ts'
import { videoKey } from './plan-write.ts'
import { cvatOf, groupId, shapeLines, sourceOf, type ShapeTarget } from './write-shape.ts'
import { type FileWriter, isTracked, itemsOfFile, targetOf } from './file-writer.ts'
import { startTag } from './xml-lines.ts'

/** Shapes of so many tracks are in memory at once. */
const BLOCK_SHAPES = 200_000

/** A shape of a track, and the frame it is on. */
interface TrackShape {
  readonly item: Omit<AnnotatedItem, 'layers'>
  readonly annotation: Annotation
  readonly frame: number
}

/** Shapes that one `<track>` holds: they share all that it says. */
interface TrackRun {
  readonly track: number | string
  readonly video: string
  readonly shapes: TrackShape[]
}

/** Yields the lines of each track of a file; the dataset is read once for each 200,000 shapes. */
export async function* trackLines(writer: FileWriter): AsyncGenerator<readonly string[]> {
  const { file } = writer
  if (file.tracks.size === 0) return
  const frames = await framesOf(writer)
  const numbers = trackNumbers([...file.tracks.keys()], file.layout.path)
  for (const tracks of blocksOf(file.tracks)) {
    for (const run of await collectRuns(writer, tracks)) {
      yield runLines(writer, run, numbers.get(run.track) ?? 0, frames.get(run.video) ?? [])
    }
  }
}

async function framesOf(writer: FileWriter): Promise<ReadonlyMap<string, readonly number[]>> {
  const frames = new Map<string, number[]>()
  for await (const { item, frame } of itemsOfFile(writer)) {
    const key = videoKey(item)
    const known = frames.get(key)
    if (known === undefined) frames.set(key, [frame])
    else known.push(frame)
  }
  for (const list of frames.values()) list.sort((a, b) => a - b)
  return frames
}

function* blocksOf(
  tracks: ReadonlyMap<number | string, number>,
): Generator<ReadonlySet<number | string>> {
  let block = new Set<number | string>()
  let count = 0
  for (const [track, shapes] of tracks) {
    if (count > 0 && count + shapes > BLOCK_SHAPES) {
      yield block
      block = new Set()
      count = 0
    }
    block.add(track)
    count += shapes
  }
  yield block
}

/** Tracks have numbers: their own, the one they had in this file, or a new one. */
function trackNumbers(
  tracks: readonly (number | string)[],
  path: string,
): ReadonlyMap<number | string, number> {
  const numbers = new Map<number | string, number>()
  const taken = new Set<number>()
  const give = (track: number | string, number: number): void => {
    numbers.set(track, number)
    taken.add(number)
  }
  for (const track of tracks) {
    const own =
      typeof track === 'number'
        ? track
        : track.startsWith(`${path}:`)
          ? Number(track.slice(path.length + 1))
          : NaN
    if (Number.isFinite(own) && !taken.has(own)) give(track, own)
  }
  let next = 0
  for (const track of tracks) {
    if (numbers.has(track)) continue
    while (taken.has(next)) next += 1
    give(track, next)
  }
  return numbers
}

async function collectRuns(
  writer: FileWriter,
  tracks: ReadonlySet<number | string>,
): Promise<readonly TrackRun[]> {
  const runs = new Map<string, TrackRun>()
  for await (const { item, frame } of itemsOfFile(writer)) {
    const { layers, ...rest } = item
    const video = videoKey(item)
    const seen = new Map<string, number>()
    for (const annotation of layers[writer.context.layer] ?? []) {
      const { track, category, group, provenance } = annotation
      // A box that turns and one that does not are the same shape to CVAT.
      const type = annotation.type === 'rotated-box' ? 'box' : annotation.type
      if (track === undefined || !isTracked(annotation) || !tracks.has(track)) continue
      const statement = [track, video, category, group, provenance, type]
      const base = JSON.stringify([...statement, cvatOf(annotation)['source'] ?? null])
      // Two shapes of a track on one frame are of two tracks for CVAT.
      const twin = seen.get(base) ?? 0
      seen.set(base, twin + 1)
      const key = `${base}${twin}`
      const run = runs.get(key)
      const shape = { item: rest, annotation, frame }
      if (run === undefined) runs.set(key, { track, video, shapes: [shape] })
      else run.shapes.push(shape)
    }
  }
  return [...runs.values()]
}

function runLines(
  writer: FileWriter,
  { track, shapes }: TrackRun,
  number: number,
  frames: readonly number[],
): readonly string[] {
  const { context, categories, file } = writer
  const sorted = shapes.toSorted((a, b) => a.frame - b.frame)
  const [first] = sorted
  if (first === undefined) return []
  const item: AnnotatedItem = { ...first.item, layers: {} }
  const target: ShapeTarget = { ...targetOf(writer, item, context.onLoss), frame: first.frame }
  const own = `${file.layout.path}:${number}`
  if (track !== number && track !== own)
    context.onLoss({ what: 'field: track', where: target.where })
  const { category, group } = first.annotation
  const label = category === undefined ? '' : (categories.get(category)?.name ?? category)
  const task = cvatOf(item)['task_id']
  const start = startTag('track', [
    ['id', number],
    ['label', label],
    ['source', sourceOf(first.annotation, target)],
    ['task_id', typeof task === 'string' || typeof task === 'number' ? task : undefined],
    ['subset', item.subset === file.layout.subset ? undefined : item.subset],
    ['group_id', group === undefined ? undefined : groupId(group, target)],
  ])
  const isClosed = !writer.plan.isKept || file.denseTracks.has(track)
  const inner = withEditsAsKeys(sorted).flatMap((shape, index) => {
    const lines = linesOf(writer, shape, shape.frame, false)
    const end = isClosed ? endFrame(shape, sorted[index + 1], frames) : undefined
    return end === undefined ? lines : [...lines, ...linesOf(writer, shape, end, true)]
  })
  return inner.length === 0 ? [] : [`  ${start}>`, ...inner, '  </track>']
}

/** CVAT writes two decimals, so what it interpolated is no further off than this, in pixels. */
const ROUNDING = 0.05

/**
 * CVAT ignores what lies between key frames and draws it anew. A box there that is not what CVAT would
 * draw has been edited, and becomes a key frame.
 */
function withEditsAsKeys(shapes: readonly TrackShape[]): readonly TrackShape[] {
  const isKey = ({ annotation }: TrackShape): boolean => cvatOf(annotation)['keyframe'] !== false
  let before: TrackShape | undefined
  return shapes.map((shape, index) => {
    if (isKey(shape)) {
      before = shape
      return shape
    }
    const after = shapes.slice(index + 1, index + 1 + MAX_GAP).find(isKey)
    if (before === undefined || after === undefined || after.annotation.outside === true) {
      return shape
    }
    const offset = (shape.frame - before.frame) / (after.frame - before.frame)
    const drawn = interpolateGeometry(before.annotation, after.annotation, offset)
    const { annotation } = shape
    if (drawn.type !== 'box' || annotation.type !== 'box') return shape
    const distances = [
      drawn.x - annotation.x,
      drawn.y - annotation.y,
      drawn.width - annotation.width,
      drawn.height - annotation.height,
    ]
    if (distances.every((distance) => Math.abs(distance) <= ROUNDING)) return shape
    const { keyframe: _keyframe, ...cvat } = cvatOf(annotation)
    before = { ...shape, annotation: { ...annotation, extra: { ...annotation.extra, cvat } } }
    return before
  })
}

/** The next key frame is looked for no further than this. */
const MAX_GAP = 1000

function linesOf(
  writer: FileWriter,
  { item, annotation }: TrackShape,
  frame: number,
  isEnd: boolean,
): readonly string[] {
  const onLoss = isEnd ? (): void => undefined : writer.context.onLoss
  const target = targetOf(writer, { ...item, layers: {} }, onLoss)
  return shapeLines(annotation, { ...target, frame, isEnd })
}

/**
 * CVAT draws a shape until the next one of its track, so a track that is not on the next frame has to
 * end there; returns that frame.
 */
function endFrame(
  { annotation, frame }: TrackShape,
  next: TrackShape | undefined,
  frames: readonly number[],
): number | undefined {
  if (annotation.outside === true) return undefined
  const following = firstAfter(frames, frame)
  return following === undefined || following === next?.frame ? undefined : following
}

function firstAfter(sorted: readonly number[], frame: number): number | undefined {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) <= frame) low = middle + 1
    else high = middle
  }
  return sorted[low]
}
