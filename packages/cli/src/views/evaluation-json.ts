import type { Confusion, EvaluationReport, Figures } from '@dsv/analysis'
import type { Category } from '@dsv/core'

/** What was evaluated. */
export interface EvaluationTitle {
  readonly dataset: string
  readonly predictions: string
  /** A revision, or `stage`. */
  readonly at: string
  readonly categories: readonly Category[]
}

/** An evaluation as programs read it; categories by display name. */
export interface EvaluationJson {
  readonly dataset: string
  readonly predictions: string
  readonly revision: string
  readonly task: string
  readonly items: number
  readonly figures: Figures
  readonly categories: readonly {
    readonly category: string | null
    readonly objects: number
    readonly figures: Figures
  }[]
  readonly slices: EvaluationReport['slices']
  readonly confusion: Confusion | null
}

/** Returns an evaluation as JSON. */
export function evaluationJson(
  { task, items, figures, categories, slices, confusion }: EvaluationReport,
  { dataset, predictions, at, categories: known }: EvaluationTitle,
): EvaluationJson {
  const names = new Map(known.map(({ key, name }) => [key, name]))
  const nameOf = (key: string | null | undefined): string | null =>
    key === null || key === undefined ? null : (names.get(key) ?? key)
  return {
    dataset,
    predictions,
    revision: at,
    task,
    items,
    figures,
    categories: categories.map((each) => ({ ...each, category: nameOf(each.category) })),
    slices,
    confusion:
      confusion === undefined
        ? null
        : { ...confusion, categories: confusion.categories.map(nameOf) },
  }
}

/** Returns curves of precision over recall as JSON, one for each category. */
export function curvesJson(
  report: EvaluationReport,
  title: EvaluationTitle,
): Pick<EvaluationJson, 'dataset' | 'predictions' | 'revision' | 'task'> & {
  readonly curves: readonly { readonly category: string | null; readonly points: unknown }[]
} {
  const { dataset, predictions, revision, task } = evaluationJson(report, title)
  const names = new Map(title.categories.map(({ key, name }) => [key, name]))
  const curves = report.curves.map(({ category, points }) => ({
    category: category === undefined ? null : (names.get(category) ?? category),
    points,
  }))
  return { dataset, predictions, revision, task, curves }
}
