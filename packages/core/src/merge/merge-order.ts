/**
 * Merges the order of three lists of keys. The side that reordered what was there decides; when both
 * did, ours. What a side added stays behind what it was added after; where both added at one place,
 * the run whose first key is smaller comes first, so that the result is the same from either side.
 *
 * @param isPresent - Whether a key is in the merged list
 */
export function mergeOrder(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
  isPresent: (key: string) => boolean,
): readonly string[] {
  const inBase = new Set(base)
  const primary = isReordered(base, ours) || !isReordered(base, theirs) ? ours : theirs
  const skeleton = skeletonOf(base, primary, isPresent)
  const anchors = new Set(skeleton)
  const runsOurs = addedRuns(ours, anchors, inBase, isPresent)
  const runsTheirs = addedRuns(theirs, anchors, inBase, isPresent)
  const order = new Set<string>()
  for (const anchor of [undefined, ...skeleton]) {
    if (anchor !== undefined) order.add(anchor)
    const runs = [runsOurs.get(anchor) ?? [], runsTheirs.get(anchor) ?? []]
    for (const run of runs.toSorted(byFirst)) for (const key of run) order.add(key)
  }
  return [...order]
}

function isReordered(base: readonly string[], side: readonly string[]): boolean {
  const inSide = new Set(side)
  const inBase = new Set(base)
  const left = base.filter((key) => inSide.has(key))
  const right = side.filter((key) => inBase.has(key))
  return left.some((key, index) => key !== right[index])
}

/** Keys of the base in the order of a side; those that the side deleted stand where they stood. */
function skeletonOf(
  base: readonly string[],
  side: readonly string[],
  isPresent: (key: string) => boolean,
): readonly string[] {
  const inSide = new Set(side)
  const inBase = new Set(base)
  const order = side.filter((key) => inBase.has(key))
  const behind = new Map<string | undefined, string[]>()
  let anchor: string | undefined
  for (const key of base) {
    if (inSide.has(key)) anchor = key
    else behind.set(anchor, [...(behind.get(anchor) ?? []), key])
  }
  const all = [undefined, ...order].flatMap((key) => [
    ...(key === undefined ? [] : [key]),
    ...(behind.get(key) ?? []),
  ])
  return all.filter(isPresent)
}

function addedRuns(
  side: readonly string[],
  anchors: ReadonlySet<string>,
  inBase: ReadonlySet<string>,
  isPresent: (key: string) => boolean,
): ReadonlyMap<string | undefined, readonly string[]> {
  const runs = new Map<string | undefined, string[]>()
  let anchor: string | undefined
  for (const key of side) {
    if (anchors.has(key)) anchor = key
    else if (!inBase.has(key) && isPresent(key)) {
      const run = runs.get(anchor)
      if (run === undefined) runs.set(anchor, [key])
      else run.push(key)
    }
  }
  return runs
}

function byFirst(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? '') < (b[0] ?? '') ? -1 : 1
}
