import type { Annotation, CategoryKey, ItemKey } from '@dsv/core'
import type { EvaluatedItem } from './evaluated-item.ts'

/** What predictions can be compared as. */
export const EVALUATION_TASKS = [
  'boxes',
  'masks',
  'keypoints',
  'classification',
  'segmentation',
  'panoptic',
] as const

/** One of {@link EVALUATION_TASKS}. */
export type EvaluationTask = (typeof EVALUATION_TASKS)[number]

/** Figures by name, in the order in which people read them; null where there is nothing to measure. */
export type Figures = Readonly<Record<string, number | null>>

/** What became of a prediction, or of an object that none found. */
export interface ObjectMatch {
  /** `ignored`: found a crowd or another object that need not be found. */
  readonly outcome: 'true-positive' | 'false-positive' | 'false-negative' | 'ignored'
  readonly category: CategoryKey
  readonly truth?: Annotation
  readonly found?: Annotation
  /** How well they cover each other, 0…1. */
  readonly overlap?: number
}

/** The figures of one category. */
export interface CategoryEvaluation {
  /** Undefined where all are compared as one. */
  readonly category: CategoryKey | undefined
  /** How many there are to find: objects, items, or pixels. */
  readonly objects: number
  readonly figures: Figures
}

/** What was there by what was found instead. */
export interface Confusion {
  /** Of rows and columns; null is nothing: background. */
  readonly categories: readonly (CategoryKey | null)[]
  /** Counts, a row for each category that was there, a column for each that was found. */
  readonly counts: readonly (readonly number[])[]
}

/** Precision over recall of one category. */
export interface PrecisionRecall {
  readonly category: CategoryKey | undefined
  /** By falling score: what taking all predictions of at least that score comes to. */
  readonly points: readonly {
    readonly score: number
    readonly precision: number
    readonly recall: number
  }[]
}

/** What an evaluation says. */
export interface Evaluation {
  readonly task: EvaluationTask
  readonly items: number
  readonly figures: Figures
  /** In the order of the schema. */
  readonly categories: readonly CategoryEvaluation[]
  readonly confusion: Confusion | undefined
}

/** Takes images one after the other, and says what they come to. */
export interface Evaluator {
  /** Adds an image. */
  add(item: EvaluatedItem): void
  /** Says what became of each object and prediction of an image; adds nothing. */
  matches(item: EvaluatedItem): readonly ObjectMatch[]
  /** Returns what all images so far come to. */
  result(): Evaluation
  /** Returns curves of precision over recall; none where nothing has a score. */
  curves(): readonly PrecisionRecall[]
}

/** What became of the objects of one item. */
export interface ItemMatches {
  readonly item: ItemKey
  readonly matches: readonly ObjectMatch[]
}
