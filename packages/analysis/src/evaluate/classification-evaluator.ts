import type { Annotation, Category, CategoryKey } from '@dsv/core'
import { confusionTally } from './confusion-tally.ts'
import type { EvaluatedItem } from './evaluated-item.ts'
import type { CategoryEvaluation, Evaluator, Figures, ObjectMatch } from './evaluation.ts'
import { scoreTally } from './score-tally.ts'

/** How labels are evaluated. */
export interface ClassificationRequest {
  readonly categories: readonly Category[]
  /** Whether items may have several labels: then every prediction of at least `minScore` counts, not the best one alone. */
  readonly isMultiLabel: boolean
  readonly minScore: number
  /** The k of the accuracies among the best k predictions; 1 is always there. */
  readonly top: readonly number[]
}

interface Counts {
  TP: number
  FP: number
  FN: number
}

/**
 * Returns an evaluator of labels. Items without a label in the truth are left out. Means of categories are over those that
 * occur in the truth or in what was predicted, and a division by nothing gives 0, as scikit-learn has it.
 *
 * @see {@link https://scikit-learn.org/stable/modules/model_evaluation.html | precision_recall_fscore_support}
 */
export function classificationEvaluator(request: ClassificationRequest): Evaluator {
  const { categories, isMultiLabel, top } = request
  const keys = categories.map(({ key }) => key)
  const counts = new Map(keys.map((key): [CategoryKey, Counts] => [key, { TP: 0, FP: 0, FN: 0 }]))
  const tallies = new Map(keys.map((key) => [key, scoreTally()]))
  const confusion = confusionTally(keys)
  const hits = new Map(top.map((k) => [k, 0]))
  let [items, exact, deepest] = [0, 0, 0]
  const sides = (item: EvaluatedItem): Sides => sidesOf(item, counts, request)
  return {
    matches: (item) => labelMatches(sides(item)),
    add: (item) => {
      const { truth, ranked, chosen } = sides(item)
      if (truth.length === 0) return
      items += 1
      const wanted = new Set(truth.map(({ category }) => category))
      const taken = new Set(chosen.map(({ category }) => category))
      for (const key of wanted) count(counts, key, taken.has(key) ? 'TP' : 'FN')
      for (const key of taken) if (!wanted.has(key)) count(counts, key, 'FP')
      if (wanted.size === taken.size && [...wanted].every((key) => taken.has(key))) exact += 1
      for (const key of wanted) tallies.get(key)?.want(1)
      for (const { category, annotation } of ranked)
        tallies.get(category)?.add(annotation.score ?? 1, wanted.has(category))
      if (isMultiLabel) return
      deepest = Math.max(deepest, ranked.length)
      const [only] = wanted
      confusion.add(only ?? null, chosen[0]?.category ?? null)
      const rank = ranked.findIndex(({ category }) => category === only)
      for (const k of top) if (rank >= 0 && rank < k) hits.set(k, (hits.get(k) ?? 0) + 1)
    },
    result: () => {
      const each = [...counts].map(([category, own]): CategoryEvaluation => ({
        category,
        objects: own.TP + own.FN,
        figures: { ...ratios(own), ...own },
      }))
      const share = (part: number): number | null => (items === 0 ? null : part / items)
      const deep = [...hits].filter(([k]) => k > 1 && deepest > 1)
      return {
        task: 'classification',
        items,
        figures: {
          accuracy: share(exact),
          ...(isMultiLabel
            ? {}
            : Object.fromEntries(deep.map(([k, hit]) => [`top${k}`, share(hit)]))),
          ...means(each),
        },
        categories: each,
        confusion: isMultiLabel ? undefined : confusion.result(),
      }
    },
    curves: () => [...tallies].map(([category, tally]) => ({ category, points: tally.points() })),
  }
}

interface Label {
  readonly category: CategoryKey
  readonly annotation: Annotation
}

interface Sides {
  readonly truth: readonly Label[]
  /** All predictions, best first. */
  readonly ranked: readonly Label[]
  /** Those that count. */
  readonly chosen: readonly Label[]
}

function sidesOf(
  { truth, found }: EvaluatedItem,
  known: ReadonlyMap<CategoryKey, unknown>,
  { isMultiLabel, minScore }: ClassificationRequest,
): Sides {
  const ranked = labelsOf(found, known).toSorted(
    (a, b) => (b.annotation.score ?? 1) - (a.annotation.score ?? 1),
  )
  const scored = ranked.filter(({ annotation }) => (annotation.score ?? 1) >= minScore)
  const wanted = labelsOf(truth, known)
  return {
    truth: isMultiLabel ? wanted : wanted.slice(0, 1),
    ranked,
    chosen: isMultiLabel ? scored : scored.slice(0, 1),
  }
}

/** Labels of known categories, each once. */
function labelsOf(
  annotations: readonly Annotation[],
  known: ReadonlyMap<CategoryKey, unknown>,
): readonly Label[] {
  const labels = new Map<CategoryKey, Label>()
  for (const annotation of annotations) {
    const { category, type } = annotation
    if (type !== 'label' || category === undefined || !known.has(category)) continue
    const before = labels.get(category)
    if (before === undefined || (annotation.score ?? 1) > (before.annotation.score ?? 1))
      labels.set(category, { category, annotation })
  }
  return [...labels.values()]
}

function labelMatches({ truth, chosen }: Sides): readonly ObjectMatch[] {
  if (truth.length === 0) return []
  const wanted = new Map(truth.map((label) => [label.category, label.annotation]))
  const taken = new Set(chosen.map(({ category }) => category))
  return [
    ...chosen.map(({ category, annotation: found }): ObjectMatch => {
      const object = wanted.get(category)
      if (object === undefined) return { outcome: 'false-positive', category, found }
      return { outcome: 'true-positive', category, found, truth: object }
    }),
    ...truth.flatMap(({ category, annotation }): ObjectMatch[] =>
      taken.has(category) ? [] : [{ outcome: 'false-negative', category, truth: annotation }],
    ),
  ]
}

function count(
  counts: ReadonlyMap<CategoryKey, Counts>,
  key: CategoryKey,
  what: keyof Counts,
): void {
  const own = counts.get(key)
  if (own !== undefined) own[what] += 1
}

function ratios({ TP, FP, FN }: Counts): { precision: number; recall: number; F1: number } {
  const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  return {
    precision: ratio(TP, TP + FP),
    recall: ratio(TP, TP + FN),
    F1: ratio(2 * TP, 2 * TP + FP + FN),
  }
}

function means(all: readonly CategoryEvaluation[]): Figures {
  const sumOf = (name: string): number =>
    all.reduce((sum, { figures }) => sum + (figures[name] ?? 0), 0)
  const micro = ratios({ TP: sumOf('TP'), FP: sumOf('FP'), FN: sumOf('FN') })
  const present = all.filter(({ objects, figures }) => objects + (figures['FP'] ?? 0) > 0)
  const objects = present.reduce((sum, each) => sum + each.objects, 0)
  const over = (name: string, weight: (each: CategoryEvaluation) => number): number | null =>
    present.length === 0
      ? null
      : present.reduce((sum, each) => sum + (each.figures[name] ?? 0) * weight(each), 0)
  const result: Record<string, number | null> = {}
  for (const name of ['precision', 'recall', 'F1'] as const) {
    const title = name === 'F1' ? name : name[0]?.toUpperCase() + name.slice(1)
    result[`macro${title}`] = over(name, () => 1 / present.length)
    result[`micro${title}`] = present.length === 0 ? null : micro[name]
    result[`weighted${title}`] = over(name, (each) => each.objects / Math.max(1, objects))
  }
  return result
}
