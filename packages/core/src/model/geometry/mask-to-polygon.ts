import type { PolygonGeometry, Ring } from '../annotation.ts'
import { type Mask, maskBounds } from './mask-rle.ts'
import { joinStretches, type Stretch, stretchesOf } from './mask-stretches.ts'
import type { Parts } from './polygon.ts'
import { ringArea } from './ring.ts'

/** The largest mask that is traced, in steps along outlines. */
const MAX_STEPS = 2 ** 22

/**
 * Returns the outline of a mask along the edges of its pixels: one part for each patch of pixels that
 * share edges, with its holes. Patches that touch at a corner only are parts of their own. Exact:
 * `polygonToMask` of it gives the mask back.
 *
 * Outer rings run clockwise as seen on the image, holes the other way. Parts are sorted by their
 * first pixel down the columns.
 *
 * @returns undefined for a mask too big to trace (more than 2²⁰ stretches of pixels, or 2²² steps)
 */
export function maskToPolygon(mask: Mask): PolygonGeometry | undefined {
  const stretches = columnStretches(mask)
  if (stretches === undefined) return undefined
  const patches = joinStretches(stretches.list, 0)
  const outers = new Map<number, Ring>()
  const holes = new Map<number, Ring[]>()
  const budget = { steps: MAX_STEPS }
  const trace = tracer(stretches, budget)
  for (const [index, stretch] of stretches.list.entries()) {
    if (trace.isVisited(index)) continue
    const ring = trace.ring(stretch.x, stretch.top)
    if (ring === undefined) return undefined
    const patch = patches(index)
    if (ringArea(ring) > 0) outers.set(patch, ring)
    else holes.set(patch, [...(holes.get(patch) ?? []), ring])
  }
  const parts: Parts = [...outers].map(([patch, outer]) => [outer, ...(holes.get(patch) ?? [])])
  return { type: 'polygon', parts }
}

interface Stretches {
  /** Sorted by column, then row. */
  readonly list: readonly Stretch[]
  /** Index of the first stretch of a column. */
  readonly starts: ReadonlyMap<number, number>
}

function columnStretches(mask: Mask): Stretches | undefined {
  if (2 * maskBounds(mask)[3] > MAX_STEPS) return undefined
  const list = stretchesOf(mask)
  if (list === undefined) return undefined
  const starts = new Map<number, number>()
  for (const [index, { x }] of list.entries()) if (!starts.has(x)) starts.set(x, index)
  return { list, starts }
}

interface Tracer {
  isVisited(index: number): boolean
  /** Follows the outline that begins along the top edge of a pixel, the foreground on its right. */
  ring(x: number, y: number): Ring | undefined
}

/** Directions: 0 right, 1 down, 2 left, 3 up. */
const STEP_X = [1, 0, -1, 0] as const
const STEP_Y = [0, 1, 0, -1] as const
/** From a corner, the pixel ahead on the right of a direction, and the one ahead on its left. */
const RIGHT_X = [0, -1, -1, 0] as const
const RIGHT_Y = [0, 0, -1, -1] as const

function tracer(stretches: Stretches, budget: { steps: number }): Tracer {
  const visited = new Uint8Array(stretches.list.length)
  const isInside = (x: number, y: number): boolean => findStretch(stretches, x, y) >= 0
  const ring = (startX: number, startY: number): Ring | undefined => {
    const points: number[] = []
    let [x, y, direction] = [startX, startY, 0]
    do {
      if (budget.steps-- <= 0) return undefined
      // The top edge of a stretch is passed once, from left to right.
      if (direction === 0) markVisited(stretches, visited, x, y)
      x += STEP_X[direction] ?? 0
      y += STEP_Y[direction] ?? 0
      const before = direction
      if (!isInside(x + (RIGHT_X[direction] ?? 0), y + (RIGHT_Y[direction] ?? 0))) {
        direction = (direction + 1) % 4
      } else {
        const left = (direction + 3) % 4
        if (isInside(x + (RIGHT_X[left] ?? 0), y + (RIGHT_Y[left] ?? 0))) direction = left
      }
      if (direction !== before) points.push(x, y)
    } while (x !== startX || y !== startY || direction !== 0)
    return points
  }
  return { isVisited: (index) => visited[index] === 1, ring }
}

function markVisited(stretches: Stretches, visited: Uint8Array, x: number, y: number): void {
  const index = findStretch(stretches, x, y)
  if (index >= 0) visited[index] = 1
}

/** Returns the index of the stretch that holds a pixel, or −1. */
function findStretch({ list, starts }: Stretches, x: number, y: number): number {
  const start = starts.get(x)
  if (start === undefined) return -1
  let low = start
  let high = starts.get(x + 1) ?? endOfColumn(list, start, x)
  while (low < high) {
    const middle = (low + high) >>> 1
    const stretch = list[middle]
    if (stretch === undefined || stretch.x !== x || stretch.top > y) high = middle
    else if (stretch.bottom <= y) low = middle + 1
    else return middle
  }
  return -1
}

function endOfColumn(list: readonly Stretch[], start: number, x: number): number {
  let end = start + 1
  while (list[end]?.x === x) end = start + 2 * (end - start)
  return Math.min(end, list.length)
}
