import type { EvaluationTask } from '@dsv/analysis'

/** What `dsv eval` was asked for. */
export interface EvalOptions {
  /** Path in the repository. */
  readonly dataset: string | undefined
  /** A layer. */
  readonly predictions: string | undefined
  /** A file of results. */
  readonly file: string | undefined
  readonly task: EvaluationTask | undefined
  readonly protocol: 'coco' | 'voc' | undefined
  readonly where: string | undefined
  readonly slice: readonly string[] | undefined
  readonly iou: number | undefined
  readonly minScore: number | undefined
  readonly classAgnostic: boolean
  readonly multiLabel: boolean | undefined
  readonly background: 'class' | 'ignore' | undefined
  /** Names of categories. */
  readonly ignore: readonly string[] | undefined
  readonly sigmas: readonly number[] | undefined
  readonly confusion: boolean
  readonly matches: boolean
  readonly curves: string | undefined
  readonly html: string | undefined
  readonly onError: 'fail' | 'skip'
  readonly json: boolean
}
