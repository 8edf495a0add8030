import type { Ring } from '../annotation.ts'
import { type Mask, mergeMasks } from './mask-rle.ts'
import type { Parts } from './polygon.ts'

/** Edges are walked on a grid this many times finer than the pixels. */
const FINENESS = 5
/** A point on the fine grid stays within this, so that its arithmetic stays exact. */
const MAX_FINE_COORDINATE = 2 ** 31 - 1
/** Stops work on hostile polygons: crossings of all edges with all columns. */
const MAX_CROSSINGS = 5e6

/**
 * Rasterises a polygon into a mask, bit for bit as pycocotools does (`rleFrPoly`), holes taken out,
 * parts joined. Coordinates are pixels; the pixel `(x, y)` covers `x`…`x + 1`, `y`…`y + 1`.
 *
 * @returns undefined when the size is not one, or the polygon would take more than 5 million
 *   crossings of edges and columns
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c | rleFrPoly}
 */
export function polygonToMask(parts: Parts, width: number, height: number): Mask | undefined {
  const pixels = width * height
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height)) return undefined
  if (width < 0 || height < 0 || !Number.isSafeInteger(pixels)) return undefined
  const masks: Mask[] = [{ width, height, counts: [pixels] }]
  let budget = MAX_CROSSINGS
  for (const part of parts) {
    const rings: Mask[] = []
    for (const ring of part) {
      const crossings = ringCrossings(ring, width, height, budget)
      if (crossings === undefined) return undefined
      budget -= crossings.length
      rings.push({ width, height, counts: crossingCounts(crossings, pixels) })
    }
    if (rings.length > 0) masks.push(mergeMasks(rings, 'difference'))
  }
  return mergeMasks(masks.length > 1 ? masks.slice(1) : masks, 'union')
}

/**
 * Returns the pixels, down the columns, at which the ring turns from outside to inside or back, in no
 * order; undefined when there are more than `budget`.
 */
function ringCrossings(
  ring: Ring,
  width: number,
  height: number,
  budget: number,
): number[] | undefined {
  const fine = finePoints(ring)
  const crossings: number[] = []
  const add = (column: number, y: number): void => {
    const row = Math.ceil(Math.min(height, Math.max(0, (y + 0.5) / FINENESS - 0.5)))
    crossings.push(column * height + row)
  }
  for (let index = 0; index < fine.length; index += 2) {
    const next = (index + 2) % fine.length
    const edge = orderedEdge(
      fine[index] ?? 0,
      fine[index + 1] ?? 0,
      fine[next] ?? 0,
      fine[next + 1] ?? 0,
    )
    const [first, last] = columnsOf(edge, width)
    if (last - first + 1 > budget - crossings.length) return undefined
    for (let column = first; column <= last; column++) crossEdge(edge, column, add)
  }
  return crossings
}

function finePoints(ring: Ring): readonly number[] {
  const points: number[] = []
  for (let index = 0; index + 1 < ring.length; index += 2) {
    const x = Math.trunc(FINENESS * (ring[index] ?? Number.NaN) + 0.5)
    const y = Math.trunc(FINENESS * (ring[index + 1] ?? Number.NaN) + 0.5)
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    points.push(clampFine(x), clampFine(y))
  }
  return points
}

function clampFine(value: number): number {
  return Math.min(MAX_FINE_COORDINATE, Math.max(-MAX_FINE_COORDINATE, value))
}

/** An edge walked one step at a time along its longer side, in the direction that side grows. */
interface Edge {
  readonly x: number
  readonly y: number
  readonly steps: number
  /** How much the shorter side changes with one step. */
  readonly slope: number
  readonly isFlat: boolean
}

function orderedEdge(x0: number, y0: number, x1: number, y1: number): Edge {
  const dx = Math.abs(x1 - x0)
  const dy = Math.abs(y1 - y0)
  const isFlat = dx >= dy
  const isBackward = isFlat ? x0 > x1 : y0 > y1
  const [x, y, endX, endY] = isBackward ? [x1, y1, x0, y0] : [x0, y0, x1, y1]
  const slope = isFlat ? (endY - y) / dx : (endX - x) / dy
  return { x, y, steps: isFlat ? dx : dy, slope, isFlat }
}

/** The columns whose middle (fine x from `5c + 2` to `5c + 3`) the edge may cross. */
function columnsOf(edge: Edge, width: number): readonly [number, number] {
  const end = edge.isFlat ? edge.x + edge.steps : edge.x + edge.slope * edge.steps
  const low = Math.floor(Math.min(edge.x, end)) - FINENESS
  const high = Math.ceil(Math.max(edge.x, end))
  return [Math.max(0, Math.floor(low / FINENESS)), Math.min(width - 1, Math.floor(high / FINENESS))]
}

function crossEdge(edge: Edge, column: number, add: (column: number, y: number) => void): void {
  const middle = FINENESS * column + 2
  if (edge.isFlat) {
    const step = middle - edge.x
    if (step < 0 || step >= edge.steps) return
    add(column, Math.min(yAt(edge, step), yAt(edge, step + 1)))
    return
  }
  const rises = edge.slope > 0
  const isBehind = (step: number): boolean =>
    rises ? xAt(edge, step) > middle : xAt(edge, step) <= middle
  if (isBehind(0) || !isBehind(edge.steps)) return
  let before = 0
  let behind = edge.steps
  while (behind - before > 1) {
    const step = Math.floor((before + behind) / 2)
    if (isBehind(step)) behind = step
    else before = step
  }
  add(column, edge.y + before)
}

function yAt(edge: Edge, step: number): number {
  return Math.trunc(edge.y + edge.slope * step + 0.5)
}

function xAt(edge: Edge, step: number): number {
  return Math.trunc(edge.x + edge.slope * step + 0.5)
}

/** Crossings at the same pixel cancel each other; what is left bounds the runs. */
function crossingCounts(crossings: readonly number[], pixels: number): number[] {
  const places = Float64Array.from(crossings).toSorted()
  const counts: number[] = []
  let start = 0
  for (let index = 0; index < places.length; index++) {
    const place = places[index] ?? 0
    if (place === places[index + 1]) {
      index++
      continue
    }
    if (place >= pixels) break
    counts.push(place - start)
    start = place
  }
  counts.push(pixels - start)
  return counts
}
