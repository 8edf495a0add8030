import type { BoxNumbers, Cuboid3dGeometry, Geometry, Ring } from '../annotation.ts'
import { areaOf } from './area.ts'
import { boundsOf } from './bounds.ts'
import { boxArea, boxIou, overlapRatio } from './box.ts'
import { ellipseRing } from './ellipse.ts'
import { type Mask, maskIou, readMask } from './mask-rle.ts'
import { keypointSimilarity } from './points.ts'
import { type Parts, partsIou } from './polygon.ts'
import { polygonToMask } from './polygon-to-mask.ts'
import { isConvex } from './ring.ts'
import { convexIou, rotatedBoxCorners } from './rotated-box.ts'

/** Points closer together than this are compared as if they covered it: 32 × 32 pixels. */
const MIN_POINTS_AREA = 1024

/**
 * Returns how much two geometries overlap, 0…1; 0 when they cannot be compared.
 *
 * - Shapes with an inside (box, rotated box, quad, polygon, text region, ellipse, mask, segment) in any
 *   pair: intersection over union. A shape beside a mask is rasterised at the size of the mask.
 * - Points with points: object keypoint similarity with σ 0.05, on at least 32 × 32 pixels.
 * - Polylines, and 2-D cuboids, among themselves: boxes around them, widened by a pixel.
 * - 3-D cuboids: volumes, not turned. Temporal segments: durations.
 */
export function iouOf(a: Geometry, b: Geometry): number {
  if (a.type === 'box' && b.type === 'box') return boxIou(boxNumbers(a), boxNumbers(b))
  const maskA = maskOf(a)
  const maskB = maskOf(b)
  if (maskA !== undefined && maskB !== undefined) return maskIou(maskA, maskB)
  const partsA = regionOf(a)
  const partsB = regionOf(b)
  if (maskA !== undefined && partsB !== undefined) return maskAndRegionIou(maskA, partsB)
  if (maskB !== undefined && partsA !== undefined) return maskAndRegionIou(maskB, partsA)
  if (partsA !== undefined && partsB !== undefined) return regionIou(partsA, partsB)
  return otherIou(a, b)
}

function boxNumbers(box: {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}): BoxNumbers {
  return [box.x, box.y, box.width, box.height]
}

function maskOf(geometry: Geometry): Mask | undefined {
  if (geometry.type !== 'mask' && geometry.type !== 'panoptic-segment') return undefined
  return readMask(geometry)
}

function regionOf(geometry: Geometry): Parts | undefined {
  if (geometry.type === 'box') {
    const { x, y, width, height } = geometry
    return [[[x, y, x + width, y, x + width, y + height, x, y + height]]]
  }
  if (geometry.type === 'rotated-box') return [[rotatedBoxCorners(geometry)]]
  if (geometry.type === 'quad') return [[geometry.points]]
  if (geometry.type === 'ellipse') return [[ellipseRing(geometry)]]
  if (geometry.type === 'polygon' || geometry.type === 'text') return geometry.parts
  return undefined
}

function maskAndRegionIou(mask: Mask, parts: Parts): number {
  const region = polygonToMask(parts, mask.width, mask.height)
  return region === undefined ? 0 : maskIou(mask, region)
}

function regionIou(a: Parts, b: Parts): number {
  const ringA = convexRing(a)
  const ringB = convexRing(b)
  if (ringA !== undefined && ringB !== undefined) return convexIou(ringA, ringB)
  return partsIou(a, b)
}

function convexRing(parts: Parts): Ring | undefined {
  const [ring] = parts[0] ?? []
  if (parts.length !== 1 || parts[0]?.length !== 1 || ring === undefined) return undefined
  return ring.length <= 128 && isConvex(ring) ? ring : undefined
}

function otherIou(a: Geometry, b: Geometry): number {
  if (a.type === 'points' && b.type === 'points') {
    return keypointSimilarity(a, b, Math.max(boundsArea(a), boundsArea(b), MIN_POINTS_AREA))
  }
  if (a.type === 'cuboid-3d' && b.type === 'cuboid-3d') return cuboidIou(a, b)
  if (a.type === 'temporal-segment' && b.type === 'temporal-segment') {
    return boxIou(
      [a.startSeconds, 0, a.endSeconds - a.startSeconds, 1],
      [b.startSeconds, 0, b.endSeconds - b.startSeconds, 1],
    )
  }
  if (a.type !== b.type || (a.type !== 'polyline' && a.type !== 'cuboid-2d')) return 0
  const boundsA = boundsOf(a)
  const boundsB = boundsOf(b)
  if (boundsA === undefined || boundsB === undefined) return 0
  return boxIou(widened(boundsA), widened(boundsB))
}

function boundsArea(geometry: Geometry): number {
  const bounds = boundsOf(geometry)
  return bounds === undefined ? areaOf(geometry) : boxArea(bounds)
}

function widened([x, y, width, height]: BoxNumbers): BoxNumbers {
  return [x - 1, y - 1, width + 2, height + 2]
}

function cuboidIou(a: Cuboid3dGeometry, b: Cuboid3dGeometry): number {
  let [shared, volumeA, volumeB] = [1, 1, 1]
  for (const axis of [0, 1, 2] as const) {
    const low = Math.max(a.position[axis] - a.size[axis] / 2, b.position[axis] - b.size[axis] / 2)
    const high = Math.min(a.position[axis] + a.size[axis] / 2, b.position[axis] + b.size[axis] / 2)
    shared *= Math.max(0, high - low)
    volumeA *= a.size[axis]
    volumeB *= b.size[axis]
  }
  return overlapRatio(shared, volumeA, volumeB)
}
