import { munkres } from 'munkres'

/** A pair with the worth of choosing it, above 0. */
export interface WeightedPair {
  readonly first: number
  readonly second: number
  readonly weight: number
}

/** Above so many on one side the best pair is taken first, instead of the best sum of all. */
const MAX_OPTIMAL = 200

/**
 * Chooses pairs so that nothing is in two of them: with the greatest sum of weights for up to 200 on
 * each side, by decreasing weight beyond. Cost: cubic up to 200, then `n log n` in the pairs.
 */
export function assignPairs(pairs: readonly WeightedPair[]): readonly WeightedPair[] {
  const first = [...new Set(pairs.map((pair) => pair.first))].toSorted((a, b) => a - b)
  const second = [...new Set(pairs.map((pair) => pair.second))].toSorted((a, b) => a - b)
  if (first.length > MAX_OPTIMAL || second.length > MAX_OPTIMAL) return assignGreedily(pairs)
  return assignOptimally(pairs, first, second)
}

function assignGreedily(pairs: readonly WeightedPair[]): readonly WeightedPair[] {
  const takenFirst = new Set<number>()
  const takenSecond = new Set<number>()
  const byWeight = pairs.toSorted(
    (a, b) => b.weight - a.weight || a.first - b.first || a.second - b.second,
  )
  return byWeight.filter((pair) => {
    if (takenFirst.has(pair.first) || takenSecond.has(pair.second)) return false
    takenFirst.add(pair.first)
    takenSecond.add(pair.second)
    return true
  })
}

function assignOptimally(
  pairs: readonly WeightedPair[],
  first: readonly number[],
  second: readonly number[],
): readonly WeightedPair[] {
  if (pairs.length <= 1) return pairs
  const rows = new Map(first.map((index, row) => [index, row]))
  const columns = new Map(second.map((index, column) => [index, column]))
  const costs = first.map(() => second.map(() => 0))
  const chosen = new Map<string, WeightedPair>()
  for (const pair of pairs) {
    const row = rows.get(pair.first) ?? 0
    const column = columns.get(pair.second) ?? 0
    const costsOfRow = costs[row]
    if (costsOfRow === undefined) continue
    costsOfRow[column] = -pair.weight
    chosen.set(`${row} ${column}`, pair)
  }
  return munkres(costs).flatMap(([row, column]) => chosen.get(`${row} ${column}`) ?? [])
}
