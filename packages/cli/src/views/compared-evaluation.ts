import type { Evaluation, Figures } from '@dsv/analysis'
import type { Category } from '@dsv/core'

/** One figure of two versions. */
export interface ComparedFigure {
  readonly before: number | null
  readonly after: number | null
  /** Null where one of them is. */
  readonly change: number | null
}

type ComparedFigures = Readonly<Record<string, ComparedFigure>>

/** The figures of two versions. */
export interface ComparedEvaluation {
  readonly task: Evaluation['task']
  readonly items: { readonly before: number; readonly after: number }
  readonly figures: ComparedFigures
  /** By display name of now. */
  readonly categories: readonly {
    readonly category: string | null
    readonly objects: { readonly before: number; readonly after: number }
    readonly figures: ComparedFigures
  }[]
}

/** What was compared. */
export interface ComparedTitle {
  readonly dataset: string
  readonly predictions: string
  readonly from: string
  readonly to: string
}

/** Returns the figures of two evaluations side by side; categories that are only in one have none in the other. */
export function comparedFigures(
  before: Evaluation,
  after: Evaluation,
  names: { readonly before: readonly Category[]; readonly after: readonly Category[] },
): ComparedEvaluation {
  const old = new Map(before.categories.map((each) => [each.category, each]))
  const now = new Map(after.categories.map((each) => [each.category, each]))
  const titles = new Map([...names.before, ...names.after].map(({ key, name }) => [key, name]))
  return {
    task: after.task,
    items: { before: before.items, after: after.items },
    figures: compared(before.figures, after.figures),
    categories: [...new Set([...now.keys(), ...old.keys()])].map((key) => {
      const [was, is] = [old.get(key), now.get(key)]
      return {
        category: key === undefined ? null : (titles.get(key) ?? key),
        objects: { before: was?.objects ?? 0, after: is?.objects ?? 0 },
        figures: compared(was?.figures ?? {}, is?.figures ?? {}),
      }
    }),
  }
}

/** Returns a comparison as JSON. */
export function comparedEvaluationJson(figures: ComparedEvaluation, title: ComparedTitle): object {
  return { ...title, ...figures }
}

function compared(before: Figures, after: Figures): ComparedFigures {
  return Object.fromEntries(
    [...new Set([...Object.keys(after), ...Object.keys(before)])].map((name) => {
      const [was, is] = [before[name] ?? null, after[name] ?? null]
      return [
        name,
        { before: was, after: is, change: was === null || is === null ? null : is - was },
      ]
    }),
  )
}
