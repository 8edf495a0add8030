import { contentKey } from '@dsv/core'

/** What one annotator says, and how much it counts. */
export interface Vote<Value> {
  readonly value: Value
  /** 1, or the score of a prediction. */
  readonly weight: number
}

/** The outcome of a vote. */
export interface VoteCount<Value> {
  readonly winner: Value
  /** The sum of weights for the winner, and how many voted for it. */
  readonly weight: number
  readonly count: number
  /** Whether another value has as much weight; the one that sorts first is the winner then. */
  readonly isTie: boolean
  /** How many voted for each value. */
  readonly counts: readonly { readonly value: Value; readonly count: number }[]
}

/** Sums of weights closer than this are the same. */
const TOLERANCE = 1e-9

/** Counts votes; undefined without any. */
export function countVotes<Value>(votes: readonly Vote<Value>[]): VoteCount<Value> | undefined {
  const tally = new Map<string, { value: Value; weight: number; count: number }>()
  for (const { value, weight } of votes) {
    const key = contentKey(value)
    const so = tally.get(key) ?? { value, weight: 0, count: 0 }
    tally.set(key, { value, weight: so.weight + weight, count: so.count + 1 })
  }
  const ranked = [...tally]
    .toSorted(([a, first], [b, second]) => second.weight - first.weight || (a < b ? -1 : 1))
    .map(([, entry]) => entry)
  const [best, next] = ranked
  if (best === undefined) return undefined
  return {
    winner: best.value,
    weight: best.weight,
    count: best.count,
    isTie: next !== undefined && best.weight - next.weight < TOLERANCE,
    counts: ranked.map(({ value, count }) => ({ value, count })),
  }
}
