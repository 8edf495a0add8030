import type { DetectedFormat } from './detect-format.ts'

/** How sure the best format has to be, and how far ahead of the second. */
const SURE = 0.5
const MARGIN = 0.05

/**
 * What becomes of the answer of a format: `chosen` is read as; `ambiguous` are those that are equally
 * sure; `unsure` would be the best, but not sure enough; `behind` fits, but another fits better;
 * `rejected` does not fit.
 */
export type Verdict = 'chosen' | 'ambiguous' | 'unsure' | 'behind' | 'rejected'

/** What one format says of a folder, and what becomes of it. */
export interface JudgedFormat extends DetectedFormat {
  readonly verdict: Verdict
}

/**
 * Returns the answers of `detectFormat` with what follows from each. At most one is chosen: it is at least
 * 50 % sure and 5 points ahead of the next.
 *
 * @param answers - The surest first
 */
export function judgeFormats(answers: readonly DetectedFormat[]): readonly JudgedFormat[] {
  const best = answers[0]?.confidence ?? 0
  const isShared = best - (answers[1]?.confidence ?? 0) < MARGIN
  const verdictOf = (confidence: number): Verdict => {
    if (confidence <= 0) return 'rejected'
    if (best < SURE) return confidence === best ? 'unsure' : 'behind'
    if (best - confidence >= MARGIN) return 'behind'
    return isShared ? 'ambiguous' : 'chosen'
  }
  return answers.map((answer) => ({ ...answer, verdict: verdictOf(answer.confidence) }))
}
