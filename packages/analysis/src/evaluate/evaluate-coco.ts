import type { CategoryKey, ItemKey } from '@dsv/core'
import { categoryTally, type CategoryTally } from './category-tally.ts'
import { type CocoParameters, cocoParameters, type CocoTask } from './coco-parameters.ts'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { ObjectMatch } from './evaluation.ts'
import { type GroupInput, inputSplitter, type ObjectRequest } from './match-inputs.ts'
import { objectMatches } from './object-matches.ts'
import type { Similarity } from './object-similarity.ts'
import { type CocoSummary, summarizeCoco } from './summarize-coco.ts'

/** What is evaluated, and how. */
export interface CocoRequest extends ObjectRequest {
  /** Told what became of every object and detection of an image. */
  readonly onMatches?: (item: ItemKey, matches: readonly ObjectMatch[]) => void
  /** The overlap from which on {@link onMatches} calls an object found. Default 0.5. */
  readonly matchThreshold?: number
}

/** The figures of one category. */
export interface CategoryFigures {
  /** Undefined where all are compared as one. */
  readonly category: CategoryKey | undefined
  /** Objects to find. */
  readonly objects: number
  readonly summary: CocoSummary
  /** Precision at each recall, for each threshold of overlap; empty where there is nothing to find. */
  readonly curves: readonly Float64Array[]
}

/** What COCO's evaluation says. Figures are −1 where there is nothing to find. */
export interface CocoEvaluation {
  readonly task: CocoTask
  readonly parameters: CocoParameters
  readonly summary: CocoSummary
  readonly categories: readonly CategoryFigures[]
}

/**
 * Evaluates detections as the COCO challenge does: average precision and recall over ten overlaps, ranges of areas and
 * limits on detections. Memory grows with the number of detections, about 90 bytes each.
 *
 * Unlike the reference it knows objects by their place, not by their id, so that one with id 0 counts like the others.
 *
 * @throws `DSV_EVALUATION_SIGMAS_MISSING`
 * @see {@link https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py | COCOeval}
 */
export async function evaluateCoco(
  items: AsyncIterable<EvaluatedItem> | Iterable<EvaluatedItem>,
  request: CocoRequest,
): Promise<CocoEvaluation> {
  const { onMatches, matchThreshold = 0.5 } = request
  const evaluator = cocoEvaluator(request)
  for await (const item of items) {
    const inputs = evaluator.add(item)
    onMatches?.(
      { subset: item.subset, id: item.id },
      inputs.flatMap((input) => objectMatches(input, matchThreshold)),
    )
  }
  return evaluator.result()
}

/** Takes images one after the other; see {@link evaluateCoco}. */
export interface CocoEvaluator {
  /** Adds an image, and returns its objects by category. */
  add(item: EvaluatedItem): readonly GroupInput[]
  /** Returns the objects of an image by category, and adds nothing. */
  split(item: EvaluatedItem): readonly GroupInput[]
  readonly similarity: Similarity
  result(): CocoEvaluation
}

/** Returns an evaluator of nothing yet. */
export function cocoEvaluator(request: ObjectRequest): CocoEvaluator {
  const { task, categories, useCategories = true } = request
  const parameters = cocoParameters(task)
  const tallies = (useCategories ? categories : [undefined]).map(() => categoryTally(parameters))
  const splitter = inputSplitter(request, parameters.maxDetections.at(-1) ?? 0)
  let next = 0
  return {
    split: (item) => splitter.split(item),
    similarity: splitter.similarity,
    add: (item) => {
      const order = item.order ?? next
      next += 1
      const inputs = splitter.split(item)
      for (const input of inputs) tallies[input.group]?.add(input, order)
      return inputs
    },
    result: () => ({
      task,
      parameters,
      summary: summarizeCoco(tallies, parameters),
      categories: tallies.map((tally, index) =>
        figuresOf(tally, parameters, useCategories ? categories[index]?.key : undefined),
      ),
    }),
  }
}

function figuresOf(
  tally: CategoryTally,
  parameters: CocoParameters,
  category: CategoryKey | undefined,
): CategoryFigures {
  const limit = parameters.maxDetections.length - 1
  const curves = parameters.iouThresholds.flatMap(
    (_, threshold) => tally.curve({ threshold, range: 0, limit })?.precision ?? [],
  )
  return {
    category,
    objects: tally.wanted[0] ?? 0,
    summary: summarizeCoco([tally], parameters),
    curves,
  }
}
