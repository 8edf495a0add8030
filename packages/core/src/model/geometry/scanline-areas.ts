import type { BoxNumbers, Ring } from '../annotation.ts'
import type { Parts, SharedAreas } from './polygon.ts'

const LINES = 512
/** Stops measuring hostile shapes: lines × points above this are thinned out. */
const MAX_WORK = 5e7

/**
 * Returns the areas of two polygons and of what they share, measured on up to 512 scan lines: each
 * line is cut exactly, so only the height is approximated. Takes rings of any kind; points that are
 * not finite are left out.
 */
export function scanlineAreas(
  a: Parts,
  b: Parts,
  boundsA: BoxNumbers,
  boundsB: BoxNumbers,
): SharedAreas {
  const top = Math.min(boundsA[1], boundsB[1])
  const bottom = Math.max(boundsA[1] + boundsA[3], boundsB[1] + boundsB[3])
  const points = pointCount(a) + pointCount(b)
  const lines = Math.max(8, Math.min(LINES, Math.floor(MAX_WORK / Math.max(1, points))))
  const step = (bottom - top) / lines
  let [areaA, areaB, shared] = [0, 0, 0]
  for (let line = 0; line < lines; line++) {
    const y = top + (line + 0.5) * step
    const spansA = spansAt(a, y)
    const spansB = spansAt(b, y)
    areaA += spansLength(spansA) * step
    areaB += spansLength(spansB) * step
    shared += sharedLength(spansA, spansB) * step
  }
  return { areaA, areaB, shared }
}

function pointCount(parts: Parts): number {
  return parts.reduce((sum, part) => sum + part.reduce((all, ring) => all + ring.length / 2, 0), 0)
}

/** The x where a line enters and leaves the polygon: even-odd within a part, parts joined. */
function spansAt(parts: Parts, y: number): readonly number[] {
  const spans: [number, number][] = []
  for (const part of parts) {
    const crossings = part.flatMap((ring) => crossingsAt(ring, y)).toSorted((p, q) => p - q)
    for (let index = 0; index + 1 < crossings.length; index += 2) {
      spans.push([crossings[index] ?? 0, crossings[index + 1] ?? 0])
    }
  }
  const joined: number[] = []
  for (const [from, to] of spans.toSorted((p, q) => p[0] - q[0])) {
    const end = joined.at(-1)
    if (end === undefined || from > end) joined.push(from, to)
    else if (to > end) joined[joined.length - 1] = to
  }
  return joined
}

function crossingsAt(ring: Ring, y: number): readonly number[] {
  const crossings: number[] = []
  let beforeX = Number.NaN
  let beforeY = Number.NaN
  for (let index = ring.length - (ring.length % 2) - 2; index >= 0; index -= 2) {
    if (!Number.isFinite(ring[index]) || !Number.isFinite(ring[index + 1])) continue
    beforeX = ring[index] ?? 0
    beforeY = ring[index + 1] ?? 0
    break
  }
  for (let index = 0; index + 1 < ring.length; index += 2) {
    const x = ring[index] ?? Number.NaN
    const pointY = ring[index + 1] ?? Number.NaN
    if (!Number.isFinite(x) || !Number.isFinite(pointY)) continue
    if (beforeY > y !== pointY > y) {
      crossings.push(beforeX + ((y - beforeY) / (pointY - beforeY)) * (x - beforeX))
    }
    beforeX = x
    beforeY = pointY
  }
  return crossings
}

function spansLength(spans: readonly number[]): number {
  let length = 0
  for (let index = 0; index + 1 < spans.length; index += 2) {
    length += (spans[index + 1] ?? 0) - (spans[index] ?? 0)
  }
  return length
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  let length = 0
  let indexA = 0
  let indexB = 0
  while (indexA + 1 < a.length && indexB + 1 < b.length) {
    const endA = a[indexA + 1] ?? 0
    const endB = b[indexB + 1] ?? 0
    length += Math.max(0, Math.min(endA, endB) - Math.max(a[indexA] ?? 0, b[indexB] ?? 0))
    if (endA < endB) indexA += 2
    else indexB += 2
  }
  return length
}
