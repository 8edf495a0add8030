/** Longer names are cut before they are compared, so that hostile input costs nothing. */
const MAX_COMPARED = 64

/**
 * Returns the names that `name` may be a misspelling of, nearest first, at most three: those that
 * differ by at most a third of its letters, or by case alone.
 */
export function nearNames(name: string, candidates: Iterable<string>): readonly string[] {
  const wanted = name.slice(0, MAX_COMPARED).toLowerCase()
  const limit = Math.max(1, Math.floor(wanted.length / 3))
  const near: { name: string; distance: number }[] = []
  for (const candidate of candidates) {
    const cut = candidate.slice(0, MAX_COMPARED).toLowerCase()
    if (Math.abs(cut.length - wanted.length) > limit) continue
    const distance = editDistance(wanted, cut)
    if (distance <= limit && distance < wanted.length) near.push({ name: candidate, distance })
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return near.slice(0, 3).map((entry) => entry.name)
}

/** The least number of letters to insert, remove, replace or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
