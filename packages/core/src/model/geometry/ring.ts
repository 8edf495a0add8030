import type { BoxNumbers, Ring } from '../annotation.ts'

/**
 * Returns the signed area of a ring in square pixels: positive when it runs clockwise as seen on the
 * image. A ring of fewer than three points has none; one that holds NaN gives 0.
 */
export function ringArea(ring: Ring): number {
  if (ring.length < 6) return 0
  const [originX = 0, originY = 0] = ring
  let doubled = 0
  for (let index = 2; index + 3 < ring.length; index += 2) {
    const x = (ring[index] ?? 0) - originX
    const y = (ring[index + 1] ?? 0) - originY
    doubled += x * ((ring[index + 3] ?? 0) - originY) - ((ring[index + 2] ?? 0) - originX) * y
  }
  return Number.isNaN(doubled) ? 0 : doubled / 2
}

/** Returns the box around flat points `[x0, y0, …]`, or undefined when no point is a number. */
export function pointsBounds(points: readonly number[]): BoxNumbers | undefined {
  let left = Infinity
  let top = Infinity
  let right = -Infinity
  let bottom = -Infinity
  for (let index = 0; index + 1 < points.length; index += 2) {
    const x = points[index] ?? Number.NaN
    const y = points[index + 1] ?? Number.NaN
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  return left > right ? undefined : [left, top, right - left, bottom - top]
}

/** Returns whether a ring turns only one way, so that its inside has no dents. */
export function isConvex(ring: Ring): boolean {
  let direction = 0
  let turned = 0
  const length = ring.length - (ring.length % 2)
  for (let index = 0; index < length; index += 2) {
    const at = (offset: number): number => ring[(index + offset) % length] ?? Number.NaN
    const ax = at(2) - at(0)
    const ay = at(3) - at(1)
    const bx = at(4) - at(2)
    const by = at(5) - at(3)
    const cross = ax * by - ay * bx
    if (Number.isNaN(cross)) return false
    turned += Math.atan2(cross, ax * bx + ay * by)
    if (cross === 0) continue
    if (direction !== 0 && Math.sign(cross) !== direction) return false
    direction = Math.sign(cross)
  }
  return direction !== 0 && Math.abs(turned) < 2 * Math.PI + 1e-6
}

/**
 * Returns the part of a convex ring that lies inside another convex ring, whichever way each runs.
 * Sutherland–Hodgman: exact up to float64 rounding.
 */
export function clipConvex(subject: Ring, clip: Ring): Ring {
  const turn = ringArea(clip) < 0 ? -1 : 1
  let result: Ring = subject
  for (let index = 0; index + 1 < clip.length && result.length > 0; index += 2) {
    const next = (index + 2) % clip.length
    result = clipHalfPlane(
      result,
      clip[index] ?? 0,
      clip[index + 1] ?? 0,
      (clip[next] ?? 0) - (clip[index] ?? 0),
      (clip[next + 1] ?? 0) - (clip[index + 1] ?? 0),
      turn,
    )
  }
  return result
}

function clipHalfPlane(
  ring: Ring,
  x: number,
  y: number,
  directionX: number,
  directionY: number,
  turn: number,
): number[] {
  const result: number[] = []
  let beforeX = ring.at(-2) ?? 0
  let beforeY = ring.at(-1) ?? 0
  let before = turn * (directionX * (beforeY - y) - directionY * (beforeX - x))
  for (let index = 0; index + 1 < ring.length; index += 2) {
    const pointX = ring[index] ?? 0
    const pointY = ring[index + 1] ?? 0
    const side = turn * (directionX * (pointY - y) - directionY * (pointX - x))
    if (side >= 0 !== before >= 0) {
      const share = before / (before - side)
      result.push(beforeX + share * (pointX - beforeX), beforeY + share * (pointY - beforeY))
    }
    if (side >= 0) result.push(pointX, pointY)
    beforeX = pointX
    beforeY = pointY
    before = side
  }
  return result
}
