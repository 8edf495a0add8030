import type { BoxNumbers } from '../annotation.ts'

/** Returns the area of a box in square pixels; 0 when a side is not positive or not a number. */
export function boxArea(box: BoxNumbers): number {
  const [, , width, height] = box
  return width > 0 && height > 0 ? width * height : 0
}

/**
 * Returns intersection over union of two boxes, 0…1. With `crowd` the divisor is the area of `a`
 * alone, as COCO does where `b` stands for many objects.
 */
export function boxIou(a: BoxNumbers, b: BoxNumbers, crowd = false): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (!(width > 0 && height > 0)) return 0
  return overlapRatio(width * height, boxArea(a), boxArea(b), crowd)
}

/** Returns `shared / union`, kept in 0…1 whatever rounding or overflow do to the areas. */
export function overlapRatio(shared: number, areaA: number, areaB: number, crowd = false): number {
  const whole = crowd ? areaA : areaA + areaB - shared
  const ratio = shared / whole
  return ratio > 0 ? Math.min(1, ratio) : 0
}
