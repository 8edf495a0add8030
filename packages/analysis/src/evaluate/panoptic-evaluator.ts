import type { Annotation, Category, CategoryKey } from '@dsv/core'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { CategoryEvaluation, Evaluator, Figures, ObjectMatch } from './evaluation.ts'
import { labelMap, sizeToDraw } from './label-map.ts'
import { mean } from './mean.ts'

interface Counts {
  overlap: number
  TP: number
  FP: number
  FN: number
}

/**
 * Returns an evaluator of panoptic segmentation: panoptic quality as the product of how well segments are segmented and
 * recognised. A segment is found by the one of its category that covers more than half of what both
 * cover; pixels on which the truth says nothing do not count, nor do segments found mostly on these or on crowds.
 *
 * Categories are things unless they say that they are not.
 *
 * @see {@link https://arxiv.org/abs/1801.00868 | Kirillov et al. 2019}
 * @see {@link https://github.com/cocodataset/panopticapi/blob/master/panopticapi/evaluation.py | pq_compute_single_core}
 */
export function panopticEvaluator({
  categories,
}: {
  readonly categories: readonly Category[]
}): Evaluator {
  const counts = new Map(
    categories.map(({ key }): [CategoryKey, Counts] => [key, { overlap: 0, TP: 0, FP: 0, FN: 0 }]),
  )
  let items = 0
  return {
    curves: () => [],
    matches: (item) => segmentMatches(item, counts) ?? [],
    add: (item) => {
      const matches = segmentMatches(item, counts)
      if (matches === undefined) return
      items += 1
      for (const { outcome, category, overlap = 0 } of matches) {
        const own = counts.get(category)
        if (own === undefined || outcome === 'ignored') continue
        if (outcome === 'true-positive') own.overlap += overlap
        own[NAMES[outcome]] += 1
      }
    },
    result: () => {
      const each = categories.map(({ key, isThing = true }) => {
        const own = counts.get(key) ?? { overlap: 0, TP: 0, FP: 0, FN: 0 }
        return { category: key, isThing, objects: own.TP + own.FN, figures: qualities(own) }
      })
      const averages = (part: typeof each, suffix: string): Figures => {
        const present = part.filter(({ figures }) => figures['PQ'] !== null)
        const over = (name: string): number | null =>
          present.length === 0 ? null : mean(present.map(({ figures }) => figures[name] ?? 0))
        return {
          [`PQ${suffix}`]: over('PQ'),
          [`SQ${suffix}`]: over('SQ'),
          [`RQ${suffix}`]: over('RQ'),
        }
      }
      return {
        task: 'panoptic',
        items,
        figures: {
          ...averages(each, ''),
          ...averages(
            each.filter(({ isThing }) => isThing),
            'Things',
          ),
          ...averages(
            each.filter(({ isThing }) => !isThing),
            'Stuff',
          ),
        },
        categories: each.map(({ category, objects, figures }): CategoryEvaluation => ({
          category,
          objects,
          figures,
        })),
        confusion: undefined,
      }
    },
  }
}

const NAMES = { 'true-positive': 'TP', 'false-positive': 'FP', 'false-negative': 'FN' } as const

function qualities({ overlap, TP, FP, FN }: Counts): Figures {
  const whole = TP + FP / 2 + FN / 2
  if (whole === 0) return { PQ: null, SQ: null, RQ: null, TP, FP, FN }
  return { PQ: overlap / whole, SQ: TP === 0 ? 0 : overlap / TP, RQ: TP / whole, TP, FP, FN }
}

/** Undefined where the image cannot be drawn. */
function segmentMatches(
  { truth: allTruth, found: allFound, size: stated }: EvaluatedItem,
  known: ReadonlyMap<CategoryKey, unknown>,
): readonly ObjectMatch[] | undefined {
  const truth = allTruth.filter((each) => isSegment(each, known))
  const found = allFound.filter((each) => isSegment(each, known))
  const size = sizeToDraw(stated, truth, found)
  const [there, drawn] = [labelMap(truth, size), labelMap(found, size)]
  if (there === undefined || drawn === undefined) return undefined
  const shared = new Map<number, number>()
  const truthArea = new Float64Array(truth.length + 1)
  const foundArea = new Float64Array(found.length + 1)
  const width = found.length + 1
  for (let pixel = 0, end = 0; pixel < there.length; pixel = end) {
    const [row, column] = [there[pixel] ?? 0, drawn[pixel] ?? 0]
    end = pixel + 1
    while (end < there.length && there[end] === row && drawn[end] === column) end++
    const count = end - pixel
    truthArea[row] = (truthArea[row] ?? 0) + count
    foundArea[column] = (foundArea[column] ?? 0) + count
    const place = row * width + column
    shared.set(place, (shared.get(place) ?? 0) + count)
  }
  const sharedBy = (row: number, column: number): number => shared.get(row * width + column) ?? 0
  const partners = new Map<number, { readonly row: number; readonly overlap: number }>()
  const matched = new Set<number>()
  for (const [place, pixels] of shared) {
    const [row, column] = [Math.floor(place / width), place % width]
    const [object, segment] = [truth[row - 1], found[column - 1]]
    if (object === undefined || segment === undefined || object.crowd === true) continue
    if (object.category !== segment.category) continue
    const union = (foundArea[column] ?? 0) + (truthArea[row] ?? 0) - pixels - sharedBy(0, column)
    if (pixels / union <= 0.5) continue
    partners.set(column, { row, overlap: pixels / union })
    matched.add(row)
  }
  const crowds = new Map<CategoryKey, number>()
  for (const [index, { category, crowd }] of truth.entries())
    if (crowd === true && category !== undefined) crowds.set(category, index + 1)
  const outcomes: ObjectMatch[] = []
  for (const [index, segment] of found.entries()) {
    const { category } = segment
    const area = foundArea[index + 1] ?? 0
    if (category === undefined || area === 0) continue
    const partner = partners.get(index + 1)
    const object = truth[(partner?.row ?? 0) - 1]
    if (partner !== undefined && object !== undefined) {
      const { overlap } = partner
      outcomes.push({ outcome: 'true-positive', category, found: segment, truth: object, overlap })
      continue
    }
    const crowd = crowds.get(category)
    const unsaid = sharedBy(0, index + 1) + (crowd === undefined ? 0 : sharedBy(crowd, index + 1))
    const outcome = unsaid / area > 0.5 ? 'ignored' : 'false-positive'
    outcomes.push({ outcome, category, found: segment })
  }
  for (const [index, object] of truth.entries()) {
    const { category, crowd } = object
    if (category === undefined || crowd === true || matched.has(index + 1)) continue
    outcomes.push({ outcome: 'false-negative', category, truth: object })
  }
  return outcomes
}

function isSegment(
  { type, category }: Annotation,
  known: ReadonlyMap<CategoryKey, unknown>,
): boolean {
  const hasRegion = type === 'mask' || type === 'panoptic-segment' || type === 'polygon'
  return hasRegion && category !== undefined && known.has(category)
}
