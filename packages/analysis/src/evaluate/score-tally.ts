import type { PrecisionRecall } from './evaluation.ts'

/** Where taking all predictions of at least some score is best. */
export interface BestThreshold {
  /** Null where there are no predictions. */
  readonly score: number | null
  readonly f1: number
}

/** Predictions by their score, right and wrong. Memory grows with them, about 16 bytes each. */
export interface ScoreTally {
  /** Adds a prediction. */
  add(score: number, isRight: boolean): void
  /** Adds objects that are to be found. */
  want(count: number): void
  readonly wanted: number
  /** Returns whether each prediction is right, by falling score; equal ones as they were added. */
  ranked(): readonly boolean[]
  /** Returns a point for each score that occurs; none where there is nothing to find. */
  points(): PrecisionRecall['points']
  /** Returns where the harmonic mean of precision and recall is best: of equal ones the highest score; undefined where there is nothing to find. */
  best(): BestThreshold | undefined
}

/** Returns a tally of what the given ones hold together. */
export function scoreTally(
  parts: readonly ScoreTallyContent[] = [],
): ScoreTally & ScoreTallyContent {
  const scores = parts.flatMap((part) => part.scores)
  const rights = parts.flatMap((part) => part.rights)
  let wanted = parts.reduce((sum, part) => sum + part.wanted, 0)
  const order = (): readonly number[] =>
    [...scores.keys()].toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
  const tally = {
    scores,
    rights,
    get wanted() {
      return wanted
    },
    add: (score: number, isRight: boolean): void => {
      scores.push(score)
      rights.push(isRight)
    },
    want: (count: number): void => {
      wanted += count
    },
    ranked: () => order().map((index) => rights[index] === true),
    points: () => {
      const points: PrecisionRecall['points'][number][] = []
      if (wanted === 0) return points
      let right = 0
      const ranks = order()
      for (const [rank, index] of ranks.entries()) {
        if (rights[index] === true) right += 1
        const score = scores[index] ?? 0
        const next = ranks[rank + 1]
        if (next !== undefined && scores[next] === score) continue
        points.push({ score, precision: right / (rank + 1), recall: right / wanted })
      }
      return points
    },
    best: () => {
      let best: BestThreshold | undefined = wanted === 0 ? undefined : { score: null, f1: 0 }
      for (const { score, precision, recall } of tally.points()) {
        const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
        if (best === undefined || f1 > best.f1 || best.score === null) best = { score, f1 }
      }
      return best
    },
  }
  return tally
}

/** What a tally holds, for making one of several. */
export interface ScoreTallyContent {
  readonly scores: readonly number[]
  readonly rights: readonly boolean[]
  readonly wanted: number
}
