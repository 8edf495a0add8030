import type { Annotation, AnnotationType } from '@dsv/core'
import { sliceTooFine } from '../errors.ts'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { EvaluationTask } from './evaluation.ts'
import type { Slice } from './slice.ts'

/** More parts than this are no slices but a list of everything. */
const MAX_PARTS = 200
/** What predictions are is taken from so many items that have some. */
const LOOKED_AT = 1000

/** What has to be known before items are evaluated. */
export interface SurveyedItems {
  /** What the predictions can be compared as; undefined where there are none. */
  readonly task: EvaluationTask | undefined
  readonly isMultiLabel: boolean
  /** The parts of each slice, in the order of the alphabet, or of their own. */
  readonly parts: ReadonlyMap<Slice, readonly string[]>
}

/**
 * Looks through items: what their predictions are, whether some have several labels, what the parts of slices are. Memory
 * grows with the parts alone.
 *
 * @param isWhole - Reads on when the task is clear, which several labels and parts need
 * @throws `DSV_SLICE_TOO_FINE`
 */
export async function surveyItems(
  items: AsyncIterable<EvaluatedItem>,
  slices: readonly Slice[],
  isWhole: boolean,
): Promise<SurveyedItems> {
  const parts = new Map(slices.map((slice) => [slice, new Set(slice.parts)]))
  const counts = new Map<EvaluationTask, number>()
  const hasOpenSlices = slices.some((slice) => slice.parts === undefined)
  let isMultiLabel = false
  let looked = 0
  for await (const item of items) {
    if (item.found.length > 0 && looked < LOOKED_AT) {
      looked += 1
      for (const annotation of item.found) {
        const task = taskOf(annotation)
        if (task !== undefined) counts.set(task, (counts.get(task) ?? 0) + 1)
      }
    }
    isMultiLabel ||= hasSeveralLabels(item)
    for (const slice of slices) {
      const known = parts.get(slice)
      if (slice.parts !== undefined || known === undefined) continue
      for (const part of slice.partsOf(item)) known.add(part)
      if (known.size > MAX_PARTS) throw sliceTooFine(slice.text, MAX_PARTS)
    }
    const isLabels = (counts.get('classification') ?? 0) > 0
    if (looked >= LOOKED_AT && !isWhole && !hasOpenSlices && !isLabels) break
  }
  return {
    task: mostOf(counts),
    isMultiLabel,
    parts: new Map(
      [...parts].map(([slice, found]) => [
        slice,
        slice.parts === undefined ? [...found].toSorted() : [...found],
      ]),
    ),
  }
}

const TASKS: ReadonlyMap<AnnotationType, EvaluationTask> = new Map([
  ['box', 'boxes'],
  ['points', 'keypoints'],
  ['label', 'classification'],
  ['panoptic-segment', 'panoptic'],
  ['mask', 'masks'],
  ['polygon', 'masks'],
])

function taskOf({ type, score }: Annotation): EvaluationTask | undefined {
  const task = TASKS.get(type)
  // Instances come with a score, classes of pixels do not.
  return task === 'masks' && score === undefined ? 'segmentation' : task
}

function hasSeveralLabels({ truth }: EvaluatedItem): boolean {
  const labels = new Set<string>()
  for (const { type, category } of truth)
    if (type === 'label' && category !== undefined) labels.add(category)
  return labels.size > 1
}

function mostOf(counts: ReadonlyMap<EvaluationTask, number>): EvaluationTask | undefined {
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a)
  return most?.[0]
}
