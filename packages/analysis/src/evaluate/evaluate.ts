import type { EvaluatedItem } from './evaluated-item.ts'
import type { Evaluation, Evaluator, Figures, ItemMatches, PrecisionRecall } from './evaluation.ts'
import { evaluatorOf, type EvaluatorOptions } from './evaluator-of.ts'
import type { Slice } from './slice.ts'

/** What is evaluated, how, and in which parts. */
export interface EvaluationRequest extends EvaluatorOptions {
  /** Slices with their parts, as `surveyItems` finds them. */
  readonly parts?: ReadonlyMap<Slice, readonly string[]>
  /** Told what became of every object and prediction of an item; waited for. */
  readonly onMatches?: (matches: ItemMatches) => Promise<void> | void
}

/** The figures of one part of a slice. */
export interface SliceEvaluation {
  readonly slice: string
  readonly part: string
  /** Items of the part; all where objects are split. */
  readonly items: number
  /** Objects of the part. */
  readonly objects: number
  readonly figures: Figures
}

/** What an evaluation and those of its parts say. */
export interface EvaluationReport extends Evaluation {
  readonly slices: readonly SliceEvaluation[]
  /** Curves of precision over recall by category. */
  readonly curves: readonly PrecisionRecall[]
}

/** A part with what is known of it so far. */
interface Part {
  readonly slice: Slice
  readonly part: string
  readonly evaluator: Evaluator
}

/**
 * Evaluates predictions. Memory grows with their number, about 150 bytes each, and as much again for each slice.
 *
 * @throws `DSV_EVALUATION_SIGMAS_MISSING`
 */
export async function evaluate(
  items: AsyncIterable<EvaluatedItem> | Iterable<EvaluatedItem>,
  { parts: slices = new Map(), onMatches, ...options }: EvaluationRequest,
): Promise<EvaluationReport> {
  const evaluator = evaluatorOf(options)
  const parts = [...slices].flatMap(([slice, names]) =>
    names.map((part): Part => {
      const own = slice.about === 'object' ? { slice: slice.objectsOf(part) } : {}
      return { slice, part, evaluator: evaluatorOf({ ...options, ...own }) }
    }),
  )
  for await (const item of items) {
    evaluator.add(item)
    const belongs = new Map<Slice, ReadonlySet<string>>()
    for (const { slice, part, evaluator: own } of parts) {
      if (slice.about === 'item') {
        let names = belongs.get(slice)
        if (names === undefined) belongs.set(slice, (names = new Set(slice.partsOf(item))))
        if (!names.has(part)) continue
      }
      own.add(item)
    }
    if (onMatches !== undefined) {
      const { subset, id } = item
      await onMatches({ item: { subset, id }, matches: evaluator.matches(item) })
    }
  }
  return {
    ...evaluator.result(),
    slices: parts.map(({ slice, part, evaluator: own }) => {
      const { items: count, figures, categories } = own.result()
      const objects = categories.reduce((sum, each) => sum + each.objects, 0)
      return { slice: slice.text, part, items: count, objects, figures }
    }),
    curves: evaluator.curves(),
  }
}
