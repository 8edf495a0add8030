import type { Annotation } from '@dsv/core'

/** How unsure a prediction is, by the score that it gives. */
export type UncertaintyMeasure = 'entropy' | 'margin' | 'least-confidence'

/**
 * Returns how unsure a model is of an item, 0…1, larger is less sure; undefined where nothing has a score.
 *
 * Labels of the item are one distribution over categories: their scores, divided by their sum where they are more than 1 together,
 * else with one more possibility, that it is none of them. Every other annotation is a question of its own, whether it is there: its score, and one less it. The item is
 * the mean over them all. Of the probabilities `p` of each:
 *
 * - `entropy`: `−Σ p log p`, divided by its largest value
 * - `margin`: one less the difference of the two largest
 * - `least-confidence`: one less the largest, divided by its largest value
 *
 * @see {@link https://minds.wisconsin.edu/handle/1793/60660 | Settles 2009, 3.1}
 */
export function uncertaintyOf(
  annotations: readonly Annotation[],
  measure: UncertaintyMeasure,
): number | undefined {
  const labels: number[] = []
  const values: number[] = []
  for (const { type, score } of annotations) {
    if (score === undefined || !(score >= 0)) continue
    if (type === 'label') labels.push(score)
    else values.push(measured([Math.min(1, score), 1 - Math.min(1, score)], measure))
  }
  if (labels.length > 0) values.push(measured(distributionOf(labels), measure))
  if (values.length === 0) return undefined
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function distributionOf(scores: readonly number[]): readonly number[] {
  const sum = scores.reduce((total, score) => total + score, 0)
  if (sum > 1) return scores.map((score) => score / sum)
  // A sum of 1 is seldom exactly that.
  return sum > 1 - 1e-6 && scores.length > 1 ? scores : [...scores, 1 - sum]
}

function measured(probabilities: readonly number[], measure: UncertaintyMeasure): number {
  const [first = 0, second = 0] = probabilities.toSorted((a, b) => b - a)
  const count = probabilities.length
  switch (measure) {
    case 'entropy': {
      const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0)
      return count > 1 ? entropy / Math.log(count) : 0
    }
    case 'margin':
      return 1 - (first - second)
    case 'least-confidence':
      return count > 1 ? (1 - first) / (1 - 1 / count) : 0
    default:
      return 0
  }
}
