import path from 'node:path'
import { compileSlice, type EvaluatorOptions, type Slice, surveyItems } from '@dsv/analysis'
import {
  GROUND_TRUTH,
  listDatasets,
  lossCounter,
  readDatasets,
  type Repository,
  type StoredDataset,
} from '@dsv/core'
import { predictionsUnknown } from '../errors.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { lossLines, problemLines } from '../views/loss-lines.ts'
import type { EvalOptions } from './eval-options.ts'
import { type EvaluatedItems, evaluatedItems, type PredictionSource } from './evaluated-items.ts'

/** A version of a dataset that can be evaluated. */
export interface OpenEvaluation {
  readonly dataset: StoredDataset
  /** What the predictions are called. */
  readonly predictions: string
  readonly source: PredictionSource
  readonly items: EvaluatedItems
  readonly options: EvaluatorOptions
  readonly parts: ReadonlyMap<Slice, readonly string[]>
  /** Says what was left out of the predictions, when all were read. */
  readonly noteLosses: () => void
}

/**
 * Opens a version for evaluation: finds the dataset, the predictions and what they are.
 *
 * @param source - Where predictions come from, where that is known: a layer may be missing then
 * @throws `DSV_PREDICTIONS_UNKNOWN`, `DSV_DATASET_UNKNOWN`, `DSV_REVISION_UNKNOWN`, `DSV_QUERY_SYNTAX`
 */
export async function openEvaluation(
  repository: Repository,
  io: CommandIo,
  at: string,
  asked: EvalOptions,
  source?: PredictionSource,
): Promise<OpenEvaluation> {
  const dataset = await onlyDataset(repository, at, asked)
  const { schema } = dataset.view
  const { classAgnostic, minScore, iou, sigmas, background, protocol, where } = asked
  const predictions = source ?? (await sourceOf(repository, at, dataset, asked))
  const losses = lossCounter()
  const items = evaluatedItems(
    { dataset, predictions, where },
    {
      signal: io.signal,
      onError: asked.onError,
      onLoss: losses.add,
      onProblem: (problem) => {
        for (const line of problemLines([problem])) io.note(`${line}\n`)
      },
    },
  )
  const slices = (asked.slice ?? []).map((text) => compileSlice(text, schema))
  for (const warning of slices.flatMap((slice) => slice.warnings)) io.note(`warning: ${warning}\n`)
  const isClear = asked.task !== undefined && asked.task !== 'classification'
  const needsSurvey = !isClear || slices.some(({ parts }) => parts === undefined)
  const survey = needsSurvey
    ? await surveyItems(items(true), slices, asked.task === 'classification')
    : {
        task: asked.task,
        isMultiLabel: false,
        parts: new Map(slices.map((slice) => [slice, slice.parts ?? []])),
      }
  if (needsSurvey && survey.task === undefined) io.note('warning: there are no predictions\n')
  const task = asked.task ?? survey.task ?? 'boxes'
  checkSlices(task, protocol, slices)
  return {
    dataset,
    predictions: predictions.type === 'layer' ? predictions.layer : path.basename(predictions.file),
    source: predictions,
    items,
    parts: survey.parts,
    noteLosses: () => {
      for (const line of lossLines(losses.summary(), 'the results have')) io.note(`${line}\n`)
    },
    options: {
      task,
      categories: schema.categories,
      useCategories: !classAgnostic,
      isMultiLabel: asked.multiLabel ?? survey.isMultiLabel,
      ignored: (asked.ignore ?? []).map((name) => categoryKey(dataset, name)),
      ...(protocol !== undefined && { protocol }),
      ...(iou !== undefined && { iou }),
      ...(minScore !== undefined && { minScore }),
      ...(sigmas !== undefined && { sigmas }),
      ...(background !== undefined && { background }),
    },
  }
}

async function onlyDataset(
  repository: Repository,
  at: string,
  { dataset: named }: EvalOptions,
): Promise<StoredDataset> {
  const { datasets } = await readDatasets(repository, {
    at,
    ...(named !== undefined && { datasets: [named] }),
  })
  const [only, second] = datasets
  if (only === undefined) throw new UsageError('There is no dataset here.')
  if (second !== undefined)
    throw new UsageError(
      `Say which dataset: ${datasets.map((each) => each.path || '.').join(', ')}`,
    )
  return only
}

async function sourceOf(
  repository: Repository,
  at: string,
  { path: place }: StoredDataset,
  { predictions: asked, file }: EvalOptions,
): Promise<PredictionSource> {
  if (file !== undefined) return { type: 'file', file }
  const [listed] = await listDatasets(repository, { at, dataset: place })
  const layers = (listed?.layers ?? [])
    .map(({ name }) => name)
    .filter((name) => name !== GROUND_TRUTH)
  const named = asked === undefined ? layers : layers.filter((name) => isNamed(name, asked))
  const [layer, second] = named
  if (layer === undefined || second !== undefined) throw predictionsUnknown(place, asked, layers)
  return { type: 'layer', layer }
}

function isNamed(layer: string, asked: string): boolean {
  return layer === asked || layer === `predictions/${asked}`
}

function categoryKey({ view }: StoredDataset, name: string): string {
  const { categories } = view.schema
  const found =
    categories.find((each) => each.name === name) ?? categories.find(({ key }) => key === name)
  if (found === undefined) throw new UsageError(`There is no category ${name}`)
  return found.key
}

function checkSlices(
  task: EvaluatorOptions['task'],
  protocol: EvaluatorOptions['protocol'],
  slices: readonly Slice[],
): void {
  const takesObjects = ['boxes', 'masks', 'keypoints'].includes(task) && protocol !== 'voc'
  const wrong = slices.find(({ about }) => about === 'object')
  if (wrong === undefined || takesObjects) return
  throw new UsageError(
    `--slice ${wrong.text} speaks of annotations; ${protocol === 'voc' ? 'by the rules of VOC' : `in ${task}`} only items can be sliced.`,
  )
}
