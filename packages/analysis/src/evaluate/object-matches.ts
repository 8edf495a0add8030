import type { ObjectMatch } from './evaluation.ts'
import { ALL_AREAS } from './coco-parameters.ts'
import { matchDetections, type MatchInput } from './match-detections.ts'

/** Returns what became of each detection, best score first, and of the objects that none found. */
export function objectMatches(input: MatchInput, threshold: number): readonly ObjectMatch[] {
  const { truth, found, overlaps } = input
  const { truthOf, isIgnored } = matchDetections(input, threshold, ALL_AREAS)
  const missed = new Set(truth.keys())
  const outcomes = found.map(({ annotation, category }, index): ObjectMatch => {
    const at = truthOf[index] ?? -1
    missed.delete(at)
    const object = truth[at]?.annotation
    const outcome = object === undefined ? 'false-positive' : 'true-positive'
    return {
      outcome: isIgnored[index] === 1 ? 'ignored' : outcome,
      category,
      found: annotation,
      ...(object && { truth: object, overlap: overlaps[index * truth.length + at] ?? 0 }),
    }
  })
  for (const at of missed) {
    const object = truth[at]
    if (object === undefined || object.isIgnored) continue
    const { annotation, category } = object
    outcomes.push({ outcome: 'false-negative', category, truth: annotation })
  }
  return outcomes
}
