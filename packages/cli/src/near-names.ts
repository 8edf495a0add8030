const MAX_GUESSES = 3

/** Returns the names that `typed` may be a misspelling of, the nearest first; at most three. */
export function nearNames(typed: string, known: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(typed.replace(/^-+/u, '').length / 3))
  return known
    .map((name) => ({ name, distance: distanceOf(typed, name) }))
    .filter(({ name, distance }) => distance <= limit || isBeginning(typed, name))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_GUESSES)
    .map(({ name }) => name)
}

function isBeginning(typed: string, name: string): boolean {
  return typed.replace(/^-+/u, '').length > 1 && name.startsWith(typed)
}

/** How many letters have to be inserted, removed, replaced or swapped with their neighbour. */
function distanceOf(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      const [left = 0, above = 0, corner = 0] = [row[j - 1], last[j], last[j - 1]]
      let cost = Math.min(left + 1, above + 1, corner + (isSame ? 0 : 1))
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
