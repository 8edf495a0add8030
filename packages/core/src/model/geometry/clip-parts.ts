import polygonClipping from 'polygon-clipping'
import type { Ring } from '../annotation.ts'
import { hasManyCrossings } from './edge-crossings.ts'
import type { ImageExtent } from './move-geometry.ts'
import { type Parts, partsBounds } from './polygon.ts'
import { clipConvex } from './ring.ts'

/** Exact clipping costs more than linear time: above so many points the rings are cut one by one. */
const MAX_EXACT_POINTS = 2000
/** As for overlaps: about 0.1 ms for each crossing. */
const MAX_EXACT_CROSSINGS = 500

/**
 * Returns what of a polygon lies on an image: parts that lie inside stay as they are, others are cut exactly, with their holes,
 * and may fall into several. Rings with thousands of points, or that exact clipping gives up on, are cut one by one (Sutherland–Hodgman):
 * the same area, but pieces may stay joined by a line along the edge of the image.
 */
export function clipParts(parts: Parts, { width, height }: ImageExtent): Parts {
  return parts.flatMap((part): Parts => {
    const bounds = partsBounds([part])
    if (bounds === undefined) return []
    const [x, y, w, h] = bounds
    if (x >= 0 && y >= 0 && x + w <= width && y + h <= height) return [part]
    if (x >= width || y >= height || x + w <= 0 || y + h <= 0) return []
    return exactlyClipped(part, width, height) ?? ringsClipped(part, width, height)
  })
}

/**
 * Returns the polygon that covers what any of several cover; where that cannot be computed exactly, all their parts.
 */
export function joinParts(polygons: readonly Parts[]): Parts {
  const all = polygons.flat()
  const points = all.flat().reduce((sum, ring) => sum + ring.length / 2, 0)
  if (points > MAX_EXACT_POINTS || !all.flat(2).every(Number.isFinite)) return all
  if (hasManyCrossings(all, MAX_EXACT_CROSSINGS)) return all
  try {
    const [first = [], ...others] = all.map((part) => [part.map(pairsOf)])
    return polygonClipping
      .union(first, ...others)
      .map((rings) => rings.map((ring) => ring.slice(0, -1).flat()))
  } catch {
    return all
  }
}

function exactlyClipped(part: Parts[number], width: number, height: number): Parts | undefined {
  const points = part.reduce((sum, ring) => sum + ring.length / 2, 0)
  if (points > MAX_EXACT_POINTS || !part.flat().every(Number.isFinite)) return undefined
  if (hasManyCrossings([part], MAX_EXACT_CROSSINGS)) return undefined
  try {
    const clipped = polygonClipping.intersection(
      [part.filter((ring) => ring.length >= 6).map(pairsOf)],
      [[pairsOf(edgeOf(width, height))]],
    )
    return clipped.map((rings) => rings.map((ring) => ring.slice(0, -1).flat()))
  } catch {
    // The library gives up on some near-degenerate crossings with a plain Error.
    return undefined
  }
}

function ringsClipped(part: Parts[number], width: number, height: number): Parts {
  const edge = edgeOf(width, height)
  const [outer = [], ...holes] = part.map((ring) => clipConvex(finitePoints(ring), edge))
  return outer.length < 6 ? [] : [[outer, ...holes.filter((hole) => hole.length >= 6)]]
}

function edgeOf(width: number, height: number): Ring {
  return [0, 0, width, 0, width, height, 0, height]
}

function pairsOf(ring: Ring): [number, number][] {
  const pairs: [number, number][] = []
  for (let index = 0; index + 1 < ring.length; index += 2)
    pairs.push([ring[index] ?? 0, ring[index + 1] ?? 0])
  return pairs
}

function finitePoints(ring: Ring): Ring {
  return pairsOf(ring)
    .filter((pair) => pair.every(Number.isFinite))
    .flat()
}
