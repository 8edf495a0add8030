import type { CoOccurrence } from './statistics.ts'

/** Pairs that are counted as items come. */
export interface PairTally {
  /** Takes the different categories of an item. */
  add(names: ReadonlySet<string>): void
  figures(): CoOccurrence
}

const MAX_NAMES = 500
const MAX_PAIRS = 250_000
const MAX_LISTED = 10_000

/** Counts the items that two categories share; memory grows with the pairs that occur, up to 250,000. */
export function pairTally(): PairTally {
  const numbers = new Map<string, number>()
  const names: string[] = []
  const counts = new Map<number, number>()
  let skippedItems = 0
  const numberOf = (name: string): number => {
    let number = numbers.get(name)
    if (number === undefined) {
      number = names.push(name) - 1
      numbers.set(name, number)
    }
    return number
  }
  return {
    add: (found) => {
      if (found.size < 2) return
      if (found.size > MAX_NAMES) {
        skippedItems++
        return
      }
      const sorted = [...found].map(numberOf).toSorted((a, b) => a - b)
      for (const [index, a] of sorted.entries())
        for (let next = index + 1; next < sorted.length; next++) {
          // Two numbers below 2²⁶ make one that is exact.
          const pair = a * 2 ** 26 + (sorted[next] ?? 0)
          const before = counts.get(pair)
          if (before !== undefined) counts.set(pair, before + 1)
          else if (counts.size < MAX_PAIRS) counts.set(pair, 1)
        }
    },
    figures: () => {
      const pairs = [...counts].map(([pair, items]) => {
        const [first = '', second = ''] = [names[Math.floor(pair / 2 ** 26)], names[pair % 2 ** 26]]
        return first < second ? { a: first, b: second, items } : { a: second, b: first, items }
      })
      const sorted = pairs.toSorted(
        (p, q) => q.items - p.items || (p.a < q.a || (p.a === q.a && p.b < q.b) ? -1 : 1),
      )
      return { pairs: sorted.slice(0, MAX_LISTED), distinct: counts.size, skippedItems }
    },
  }
}
