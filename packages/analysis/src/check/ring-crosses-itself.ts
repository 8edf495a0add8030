import { hasManyCrossings, type Ring } from '@dsv/core'

/** Rings of more numbers are not searched, which takes time with the square of it. */
const MAX_RING = 10_000
/** Below this, comparing all edges with all takes less than sorting them. */
const MAX_SMALL = 128

/** Returns whether two edges of a ring cross; those that only touch do not. */
export function ringCrossesItself(ring: Ring): boolean {
  if (ring.length > MAX_RING) return false
  return ring.length > MAX_SMALL ? hasManyCrossings([[ring]], 0) : smallRingCrosses(ring)
}

function smallRingCrosses(ring: Ring): boolean {
  const length = ring.length - (ring.length % 2)
  for (let a = 0; a < length; a += 2) {
    const [ax, ay] = [ring[a] ?? 0, ring[a + 1] ?? 0]
    const [bx, by] = [ring[(a + 2) % length] ?? 0, ring[(a + 3) % length] ?? 0]
    let [cx, cy] = [bx, by]
    // The next edge begins where this one ends.
    for (let c = a + 2; c < length; c += 2) {
      const [dx, dy] = [ring[(c + 2) % length] ?? 0, ring[(c + 3) % length] ?? 0]
      if (
        side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0 &&
        side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0
      )
        return true
      cx = dx
      cy = dy
    }
  }
  return false
}

/** On which side of a line a point lies: twice the area of the triangle. */
function side(x0: number, y0: number, x1: number, y1: number, x: number, y: number): number {
  return (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
}
