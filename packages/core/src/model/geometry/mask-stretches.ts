import { type Mask, maskBounds } from './mask-rle.ts'

/** Masks of more stretches are not taken apart. */
const MAX_STRETCHES = 2 ** 20

/** Foreground pixels of column `x` from row `top` to before row `bottom`. */
export interface Stretch {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

/**
 * Returns the foreground of a mask as stretches within columns, by column, then row.
 *
 * @returns undefined for a mask of more than 2²⁰ of them
 */
export function stretchesOf(mask: Mask): readonly Stretch[] | undefined {
  const { counts, height } = mask
  if (maskBounds(mask)[2] > MAX_STRETCHES) return undefined
  const stretches: Stretch[] = []
  let place = 0
  for (const [index, length] of counts.entries()) {
    const end = place + length
    if (index % 2 === 0) place = end
    while (place < end) {
      const x = Math.floor(place / height)
      const bottom = Math.min(end - x * height, height)
      stretches.push({ x, top: place - x * height, bottom })
      if (stretches.length > MAX_STRETCHES) return undefined
      place = x * height + bottom
    }
  }
  return stretches
}

/**
 * Joins stretches of neighbouring columns into patches, and returns which patch a stretch belongs to: the number of the first of it.
 *
 * @param reach - 0 joins pixels that share an edge, 1 also those that share a corner
 */
export function joinStretches(stretches: readonly Stretch[], reach: 0 | 1): (at: number) => number {
  const parents = stretches.map((_, at) => at)
  const rootOf = (at: number): number => {
    let root = at
    for (let above = parents[root] ?? root; above !== root; above = parents[root] ?? root) {
      parents[root] = parents[above] ?? above
      root = above
    }
    return root
  }
  let left = 0
  for (const [at, here] of stretches.entries()) {
    // All stretches before `left` end before this one begins, in its neighbouring column or an earlier one.
    for (; left < at; left += 1) {
      const before = stretches[left]
      if (before === undefined || before.x >= here.x) break
      if (before.x === here.x - 1 && before.bottom + reach > here.top) break
    }
    for (let next = left; next < at; next += 1) {
      const before = stretches[next]
      if (before === undefined || before.x !== here.x - 1) break
      if (before.top >= here.bottom + reach) break
      const [a, b] = [rootOf(next), rootOf(at)]
      parents[Math.max(a, b)] = Math.min(a, b)
    }
  }
  return rootOf
}
