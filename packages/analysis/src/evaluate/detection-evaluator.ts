import { ALL_AREAS } from './coco-parameters.ts'
import { confusionTally } from './confusion-tally.ts'
import type { DetectionObject } from './detection-object.ts'
import { cocoEvaluator } from './evaluate-coco.ts'
import type { Evaluation, Evaluator, Figures } from './evaluation.ts'
import { type GroupInput, type ObjectRequest } from './match-inputs.ts'
import { countWanted, matchDetections, type Matches, type MatchInput } from './match-detections.ts'
import { objectMatches } from './object-matches.ts'
import { type BestThreshold, scoreTally } from './score-tally.ts'
import type { CocoSummary } from './summarize-coco.ts'

/** How objects are evaluated. */
export interface DetectionRequest extends ObjectRequest {
  /** The overlap from which on an object is found, for single outcomes, confusion and curves. */
  readonly iou: number
  /** Detections below are left out of single outcomes and confusion; averages take all. */
  readonly minScore: number
}

const TASKS = { box: 'boxes', mask: 'masks', points: 'keypoints' } as const

/**
 * Returns an evaluator of boxes, masks or keypoints: COCO's figures, and at one overlap who found what.
 *
 * A detection is paired with an object of its category first; what is then left of both is paired across
 * categories, for the confusion alone. So the diagonal of the matrix counts true positives.
 */
export function detectionEvaluator(request: DetectionRequest): Evaluator {
  const { task, categories, useCategories = true, iou, minScore } = request
  const coco = cocoEvaluator(request)
  const tallies = (useCategories ? categories : [undefined]).map(() => scoreTally())
  const confusion = confusionTally(categories.map(({ key }) => key))
  const counts = { TP: 0, FP: 0, FN: 0 }
  let items = 0
  return {
    add: (item) => {
      items += 1
      const inputs = coco.add(item)
      const leftFound: DetectionObject[] = []
      const leftTruth: DetectionObject[] = []
      for (const input of inputs) {
        const all = matchDetections(input, iou, ALL_AREAS)
        tallyScores(input, all, tallies[input.group])
        const scored = above(input, minScore)
        const { truthOf, isIgnored } =
          scored === input ? all : matchDetections(scored, iou, ALL_AREAS)
        const taken = new Set(truthOf)
        for (const [index, found] of scored.found.entries()) {
          if (isIgnored[index] === 1) continue
          const truth = scored.truth[truthOf[index] ?? -1]
          if (truth === undefined) leftFound.push(found)
          else confusion.add(truth.category, found.category)
          counts[truth === undefined ? 'FP' : 'TP'] += 1
        }
        for (const [index, truth] of scored.truth.entries())
          if (!truth.isIgnored && !taken.has(index)) leftTruth.push(truth)
      }
      counts.FN += leftTruth.length
      for (const [truth, found] of pairs(leftTruth, leftFound, coco.similarity, iou))
        confusion.add(truth?.category ?? null, found?.category ?? null)
    },
    matches: (item) =>
      coco.split(item).flatMap((input) => objectMatches(above(input, minScore), iou)),
    result: () => {
      const { summary, categories: found } = coco.result()
      return {
        task: TASKS[task],
        items,
        figures: { ...figuresOf(summary, scoreTally(tallies).best()), ...counts },
        categories: found.map(({ category, objects, summary: own }, index) => ({
          category,
          objects,
          figures: figuresOf(own, tallies[index]?.best()),
        })),
        confusion: confusion.result(),
      } satisfies Evaluation
    },
    curves: () =>
      tallies.map((tally, index) => ({
        category: useCategories ? categories[index]?.key : undefined,
        points: tally.points(),
      })),
  }
}

function tallyScores(
  input: GroupInput,
  { truthOf, isIgnored }: Matches,
  tally: ReturnType<typeof scoreTally> | undefined,
): void {
  tally?.want(countWanted(input.truth, ALL_AREAS))
  for (const [index, { score }] of input.found.entries())
    if (isIgnored[index] !== 1) tally?.add(score, (truthOf[index] ?? -1) >= 0)
}

/** Detections come by falling score, so that a part of the list is left. */
function above(input: GroupInput, minScore: number): MatchInput {
  const count = input.found.findIndex(({ score }) => score < minScore)
  if (count < 0) return input
  const { truth, found, overlaps } = input
  return {
    truth,
    found: found.slice(0, count),
    overlaps: overlaps.subarray(0, count * truth.length),
  }
}

/** Pairs the best detection first with what it covers best; yields what has no partner too. */
function* pairs(
  truth: readonly DetectionObject[],
  found: readonly DetectionObject[],
  similarity: (found: DetectionObject, truth: DetectionObject) => number,
  iou: number,
): Generator<readonly [DetectionObject | undefined, DetectionObject | undefined]> {
  const left = new Set(truth)
  for (const each of found.toSorted((a, b) => b.score - a.score)) {
    let best: DetectionObject | undefined
    let most = iou
    for (const other of left) {
      const overlap = similarity(each, other)
      if (overlap < most || (best !== undefined && overlap === most)) continue
      most = overlap
      best = other
    }
    if (best !== undefined) left.delete(best)
    yield [best, each]
  }
  for (const other of left) yield [other, undefined]
}

function figuresOf(summary: CocoSummary, best: BestThreshold | undefined): Figures {
  const figures = summary.map(({ name, value }) => [name, value === -1 ? null : value] as const)
  return {
    ...Object.fromEntries(figures),
    F1: best?.f1 ?? null,
    bestScore: best?.score ?? null,
  }
}
