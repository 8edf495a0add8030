/** Lines are compared at so many places along them. */
const PLACES = 32

/**
 * Returns how alike two lines are, 0…1: both are cut into 31 equal stretches, and the mean distance between the ends
 * of these is set against half the length of the longer line. The direction does not matter.
 *
 * The peer's measure (the area between the lines by the greatest that it could be) gives ½ for parallel lines however
 * near they are; this one gives 1 − 2·distance / length.
 *
 * @param a - Flat numbers in pixels
 */
export function lineSimilarity(a: readonly number[], b: readonly number[]): number {
  const lengthA = lineLength(a)
  const lengthB = lineLength(b)
  const half = Math.max(lengthA, lengthB) / 2
  const placesA = placesAlong(a, lengthA)
  const placesB = placesAlong(b, lengthB)
  const forward = meanDistance(placesA, placesB)
  const distance = Math.min(forward, meanDistance(placesA, placesB.toReversed()))
  if (distance === 0) return 1
  const similarity = 1 - distance / half
  return similarity > 0 ? similarity : 0
}

type Place = readonly [x: number, y: number]

function lineLength(points: readonly number[]): number {
  let length = 0
  for (let at = 2; at + 1 < points.length; at += 2) length += stretch(points, at)
  return length
}

/** The distance from the point at `at - 2` to the one at `at`. */
function stretch(points: readonly number[], at: number): number {
  const dx = (points[at] ?? 0) - (points[at - 2] ?? 0)
  const dy = (points[at + 1] ?? 0) - (points[at - 1] ?? 0)
  return Math.hypot(dx, dy)
}

function placesAlong(points: readonly number[], length: number): readonly Place[] {
  const places: Place[] = []
  let at = 2
  let passed = 0
  for (let place = 0; place < PLACES; place++) {
    const target = (length * place) / (PLACES - 1)
    while (at + 3 < points.length && passed + stretch(points, at) < target) {
      passed += stretch(points, at)
      at += 2
    }
    const own = at + 1 < points.length ? stretch(points, at) : 0
    const share = own > 0 ? Math.min(1, Math.max(0, (target - passed) / own)) : 0
    const [x, y] = [points[at - 2] ?? 0, points[at - 1] ?? 0]
    places.push([x + share * ((points[at] ?? x) - x), y + share * ((points[at + 1] ?? y) - y)])
  }
  return places
}

function meanDistance(a: readonly Place[], b: readonly Place[]): number {
  let sum = 0
  for (const [at, [x, y]] of a.entries()) {
    const [otherX, otherY] = b[at] ?? [x, y]
    sum += Math.hypot(x - otherX, y - otherY)
  }
  return sum / a.length
}
