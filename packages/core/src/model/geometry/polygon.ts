import polygonClipping from 'polygon-clipping'
import type { BoxNumbers, PolygonGeometry, Ring } from '../annotation.ts'
import { overlapRatio } from './box.ts'
import { hasManyCrossings } from './edge-crossings.ts'
import { scanlineAreas } from './scanline-areas.ts'
import { pointsBounds, ringArea } from './ring.ts'

/** Parts of a polygon, each its outer ring followed by its holes. */
export type Parts = PolygonGeometry['parts']

/** Beyond so many points together, or so large coordinates, overlap is measured on scan lines. */
const MAX_EXACT_POINTS = 2000
/** Clipping costs about 0.1 ms for each crossing of edges: hostile scribbles are measured instead. */
const MAX_EXACT_CROSSINGS = 500
const MAX_EXACT_COORDINATE = 2 ** 30

/**
 * Returns the area in square pixels: outer rings less their holes, whichever way the rings run. Parts
 * that overlap count twice, and so does a ring that winds around twice, as with COCO's `area`.
 */
export function partsArea(parts: Parts): number {
  let sum = 0
  for (const [outer = [], ...holes] of parts) {
    const inside = holes.reduce((area, hole) => area + Math.abs(ringArea(hole)), 0)
    sum += Math.max(0, Math.abs(ringArea(outer)) - inside)
  }
  return sum
}

/** Returns the box around all parts, or undefined when they have no points. */
export function partsBounds(parts: Parts): BoxNumbers | undefined {
  const outlines = parts.flatMap((part) => pointsBounds(part[0] ?? []) ?? [])
  const corners: number[] = []
  for (let index = 0; index + 3 < outlines.length; index += 4) {
    const [x = 0, y = 0, width = 0, height = 0] = outlines.slice(index, index + 4)
    corners.push(x, y, x + width, y + height)
  }
  return pointsBounds(corners)
}

/**
 * Returns intersection over union of two polygons, 0…1. Rings may touch or cross themselves, then
 * what is inside an odd number of times counts. Rings that cannot be clipped exactly (thousands of points, degenerate
 * crossings) are measured on scan lines instead, to about 0.5 %.
 */
export function partsIou(a: Parts, b: Parts): number {
  const boundsA = partsBounds(a)
  const boundsB = partsBounds(b)
  if (boundsA === undefined || boundsB === undefined || !touch(boundsA, boundsB)) return 0
  const exact = exactAreas(a, b)
  const { areaA, areaB, shared } = exact ?? scanlineAreas(a, b, boundsA, boundsB)
  return overlapRatio(shared, areaA, areaB)
}

/** Areas of two shapes and of what they share. */
export interface SharedAreas {
  readonly areaA: number
  readonly areaB: number
  readonly shared: number
}

function touch(a: BoxNumbers, b: BoxNumbers): boolean {
  return a[0] <= b[0] + b[2] && b[0] <= a[0] + a[2] && a[1] <= b[1] + b[3] && b[1] <= a[1] + a[3]
}

type Pairs = [number, number][]

function exactAreas(a: Parts, b: Parts): SharedAreas | undefined {
  const first = pairsOf(a)
  const second = pairsOf(b)
  if (first === undefined || second === undefined) return undefined
  if (hasManyCrossings([...a, ...b], MAX_EXACT_CROSSINGS)) return undefined
  try {
    return {
      areaA: pairsArea(polygonClipping.union(first)),
      areaB: pairsArea(polygonClipping.union(second)),
      shared: pairsArea(polygonClipping.intersection(first, second)),
    }
  } catch {
    // The library gives up on some near-degenerate crossings with a plain Error.
    return undefined
  }
}

function pairsOf(parts: Parts): Pairs[][] | undefined {
  const result: Pairs[][] = []
  let points = 0
  for (const part of parts) {
    const rings: Pairs[] = []
    for (const ring of part) {
      points += ring.length / 2
      if (points > MAX_EXACT_POINTS) return undefined
      const pairs = ringPairs(ring)
      if (pairs === undefined) return undefined
      if (pairs.length >= 3) rings.push(pairs)
      else if (rings.length === 0) break
    }
    if (rings.length > 0) result.push(rings)
  }
  return result
}

function ringPairs(ring: Ring): Pairs | undefined {
  const pairs: Pairs = []
  for (let index = 0; index + 1 < ring.length; index += 2) {
    const x = ring[index] ?? Number.NaN
    const y = ring[index + 1] ?? Number.NaN
    if (!(Math.abs(x) < MAX_EXACT_COORDINATE && Math.abs(y) < MAX_EXACT_COORDINATE)) {
      return undefined
    }
    pairs.push([x, y])
  }
  return pairs
}

function pairsArea(shapes: readonly (readonly Pairs[])[]): number {
  return partsArea(shapes.map((part) => part.map((ring) => ring.slice(0, -1).flat())))
}
