import { type Mask, maskBounds } from '@dsv/core'

/** Masks of more stretches within columns are not taken apart. */
const MAX_STRETCHES = 2 ** 20

/** Foreground pixels of column `x` from row `top` to before row `bottom`. */
interface Stretch {
  readonly x: number
  readonly top: number
  readonly bottom: number
}

/**
 * Returns the patches of a mask, each as a mask of the same size, by their first pixel down the columns. Pixels belong together that share an
 * edge, or with `corners` at least a corner.
 *
 * @returns undefined for a mask of more than 2²⁰ stretches of pixels within columns
 */
export function maskPatches(
  mask: Mask,
  { corners }: { readonly corners: boolean },
): readonly Mask[] | undefined {
  const stretches = stretchesOf(mask)
  if (stretches === undefined) return undefined
  const patches = new Map<number, Stretch[]>()
  const rootOf = joinNeighbours(stretches, corners ? 1 : 0)
  for (const [at, stretch] of stretches.entries()) {
    const root = rootOf(at)
    const patch = patches.get(root)
    if (patch === undefined) patches.set(root, [stretch])
    else patch.push(stretch)
  }
  return [...patches.values()].map((patch) => maskOf(patch, mask))
}

function stretchesOf(mask: Mask): readonly Stretch[] | undefined {
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

/** Joins stretches of neighbouring columns whose rows overlap when widened by `reach`; returns who belongs together. */
function joinNeighbours(stretches: readonly Stretch[], reach: number): (at: number) => number {
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

function maskOf(patch: readonly Stretch[], { width, height }: Mask): Mask {
  const counts: number[] = []
  let place = 0
  for (const { x, top, bottom } of patch) {
    const start = x * height + top
    // A stretch that ends a column goes on at the top of the next.
    if (start === place && counts.length > 0)
      counts[counts.length - 1] = (counts.at(-1) ?? 0) + bottom - top
    else counts.push(start - place, bottom - top)
    place = x * height + bottom
  }
  const rest = width * height - place
  return { width, height, counts: rest > 0 ? [...counts, rest] : counts }
}
