import { joinStretches, type Mask, type Stretch, stretchesOf } from '@dsv/core'

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
  const rootOf = joinStretches(stretches, corners ? 1 : 0)
  for (const [at, stretch] of stretches.entries()) {
    const root = rootOf(at)
    const patch = patches.get(root)
    if (patch === undefined) patches.set(root, [stretch])
    else patch.push(stretch)
  }
  return [...patches.values()].map((patch) => maskOf(patch, mask))
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
