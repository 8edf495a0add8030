import type { Annotation, Category, CategoryKey } from '@dsv/core'
import { labelMap, sizeToDraw } from './label-map.ts'
import type { CategoryEvaluation, Confusion, Evaluator } from './evaluation.ts'
import { mean } from './mean.ts'

/** How classes of pixels are evaluated. */
export interface SegmentationRequest {
  readonly categories: readonly Category[]
  /**
   * What pixels are on which the truth says nothing: a class of their own, or left out. The class is the category named
   * `background` where there is one.
   */
  readonly background: 'class' | 'ignore'
  /** Pixels of which the truth says that they are one of these are left out: `void`. */
  readonly ignored: ReadonlySet<CategoryKey>
}

/**
 * Returns an evaluator of classes of pixels. Every annotation with a region is drawn on its image, in the order of its
 * z-order; then pixels are counted. Means are over the classes that occur on either side.
 *
 * @see {@link https://arxiv.org/abs/1411.4038 | Long et al. 2015, section 5: pixel accuracy, mean accuracy, mean IU, frequency weighted IU}
 */
export function segmentationEvaluator(request: SegmentationRequest): Evaluator {
  const { categories, background, ignored } = request
  const named = categories.findIndex(({ name }) => name.toLowerCase() === 'background')
  const none = named < 0 ? categories.length : named
  const width = categories.length + 1
  const counts = new Float64Array(width * width)
  const indexes = new Map(categories.map(({ key }, index) => [key, index]))
  let items = 0
  return {
    matches: () => [],
    curves: () => [],
    add: ({ truth, found, size: stated }) => {
      const size = sizeToDraw(stated, truth, found)
      const [there, drawn] = [labelMap(truth, size), labelMap(found, size)]
      if (there === undefined || drawn === undefined) return
      items += 1
      const skipped = background === 'ignore' ? -1 : none
      const rows = classes(truth, indexes, skipped, (key) => (ignored.has(key) ? -1 : undefined))
      const columns = classes(found, indexes, none, () => undefined)
      for (let pixel = 0; pixel < there.length; pixel++) {
        const row = rows[there[pixel] ?? 0] ?? -1
        if (row < 0) continue
        const place = row * width + (columns[drawn[pixel] ?? 0] ?? none)
        counts[place] = (counts[place] ?? 0) + 1
      }
    },
    result: () => {
      const at = (row: number, column: number): number => counts[row * width + column] ?? 0
      const all = [...Array(width).keys()]
      const sum = (value: (index: number) => number): number =>
        all.reduce((total, index) => total + value(index), 0)
      const total = sum((row) => sum((column) => at(row, column)))
      const each = all.map((index) => {
        const own = {
          right: at(index, index),
          truth: sum((column) => at(index, column)),
          found: sum((row) => at(row, index)),
        }
        return {
          category: categories[index]?.key,
          ...own,
          union: own.truth + own.found - own.right,
        }
      })
      const isCounted = (category: CategoryKey | undefined): boolean =>
        background === 'class' || (category !== undefined && category !== categories[none]?.key)
      const present = each.filter(({ union, category }) => union > 0 && isCounted(category))
      const over = (value: (one: (typeof each)[number]) => number): number | null =>
        present.length === 0 ? null : mean(present.map(value))
      const labelled = present.filter(({ truth }) => truth > 0)
      return {
        task: 'segmentation',
        items,
        figures: {
          pixelAccuracy:
            total === 0 ? null : each.reduce((right, one) => right + one.right, 0) / total,
          meanAccuracy:
            labelled.length === 0 ? null : mean(labelled.map((one) => one.right / one.truth)),
          mIoU: over(({ right, union }) => right / union),
          fwIoU:
            total === 0
              ? null
              : present.reduce((part, one) => part + (one.truth * one.right) / one.union, 0) /
                total,
          Dice: over(({ right, truth, found }) => (2 * right) / (truth + found)),
        },
        categories: present.map(({ category, right, truth, found, union }): CategoryEvaluation => ({
          category,
          objects: truth,
          figures: {
            IoU: right / union,
            Dice: (2 * right) / (truth + found),
            precision: found === 0 ? null : right / found,
            recall: truth === 0 ? null : right / truth,
          },
        })),
        confusion: confusionOf(
          each.map(({ category }) => category),
          each.map(({ union }) => union > 0),
          at,
        ),
      }
    },
  }
}

/** The class of each value of a label map; −1 where the pixel is left out. */
function classes(
  annotations: readonly Annotation[],
  indexes: ReadonlyMap<CategoryKey, number>,
  nothing: number,
  override: (category: CategoryKey) => number | undefined,
): readonly number[] {
  return [
    nothing,
    ...annotations.map(({ category }) =>
      category === undefined ? nothing : (override(category) ?? indexes.get(category) ?? nothing),
    ),
  ]
}

function confusionOf(
  categories: readonly (CategoryKey | undefined)[],
  isPresent: readonly boolean[],
  at: (row: number, column: number) => number,
): Confusion {
  const shown = [...categories.keys()].filter((index) => isPresent[index])
  return {
    categories: shown.map((index) => categories[index] ?? null),
    counts: shown.map((row) => shown.map((column) => at(row, column))),
  }
}
