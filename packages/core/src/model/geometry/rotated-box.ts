import type { Ring, RotatedBoxGeometry } from '../annotation.ts'
import { overlapRatio } from './box.ts'
import { clipConvex, ringArea } from './ring.ts'

/** A rotated box without its type. */
export type RotatedBox = Omit<RotatedBoxGeometry, 'type'>

/**
 * Returns the corners `[x0, y0, … x3, y3]` in pixels, clockwise as seen on the image, the first one
 * being the top left of the box before it was turned.
 */
export function rotatedBoxCorners(box: RotatedBox): Ring {
  const cos = Math.cos(box.angle)
  const sin = Math.sin(box.angle)
  const corners = [-1, -1, 1, -1, 1, 1, -1, 1]
  const ring: number[] = []
  for (let index = 0; index < corners.length; index += 2) {
    const x = ((corners[index] ?? 0) * box.width) / 2
    const y = ((corners[index + 1] ?? 0) * box.height) / 2
    ring.push(box.cx + x * cos - y * sin, box.cy + x * sin + y * cos)
  }
  return ring
}

/** Returns intersection over union of two rotated boxes, 0…1, by clipping one with the other. */
export function rotatedBoxIou(a: RotatedBox, b: RotatedBox): number {
  return convexIou(rotatedBoxCorners(a), rotatedBoxCorners(b))
}

/** Returns intersection over union of two convex rings, 0…1. */
export function convexIou(a: Ring, b: Ring): number {
  const shared = Math.abs(ringArea(clipConvex(a, b)))
  return overlapRatio(shared, Math.abs(ringArea(a)), Math.abs(ringArea(b)))
}
