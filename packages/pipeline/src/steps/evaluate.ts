import {
  evaluate,
  type EvaluatedItem,
  evaluatedItem,
  EVALUATION_TASKS,
  surveyItems,
} from '@dsv/analysis'
import { compileQuery, type DatasetView, filteredView } from '@dsv/core'
import { optionInvalid } from '@dsv/steps'
import { metricsPart } from './metrics-part.ts'
import type { PipelineStep } from './pipeline-step.ts'

/** Compares predictions with the ground truth. */
export const evaluateStep: PipelineStep = {
  name: 'evaluate',
  summary: 'Compare a layer of predictions with the ground truth, as JSON',
  inputs: 'one',
  options: {
    predictions: { type: 'string', describe: 'The layer of predictions', isRequired: true },
    task: {
      type: 'string',
      choices: EVALUATION_TASKS,
      describe: 'What is compared; what the predictions are by default',
    },
    protocol: {
      type: 'string',
      choices: ['coco', 'voc'],
      describe: 'The rules for boxes; coco by default',
    },
    where: { type: 'string', describe: 'A query: only items that match it' },
  },
  makes: 'metrics',
  run: async ({ inputs: [input], options, session }) => {
    if (input === undefined) throw optionInvalid('evaluate', 'from', 'names no dataset')
    const { predictions, task: asked, protocol, where } = options
    const view = await selected(await input.view(), where)
    const items = (): AsyncIterable<EvaluatedItem> => evaluatedItems(view, String(predictions))
    const survey = await surveyItems(items(), [], true)
    if (survey.task === undefined)
      throw optionInvalid('evaluate', 'predictions', `names no layer of ${input.path} that has any`)
    const { categories } = view.schema
    const task = EVALUATION_TASKS.find((each) => each === asked) ?? survey.task
    const { isMultiLabel } = survey
    const report = await evaluate(items(), {
      task,
      categories,
      isMultiLabel,
      ...(protocol === 'voc' && { protocol }),
    })
    const names = new Map<string | undefined, string>(
      categories.map(({ key, name }) => [key, name]),
    )
    return metricsPart(session, {
      task: report.task,
      items: report.items,
      figures: report.figures,
      categories: Object.fromEntries(
        report.categories.map(({ category, figures }) => [names.get(category) ?? '', figures]),
      ),
    })
  },
}

async function selected(view: DatasetView, where: unknown): Promise<DatasetView> {
  if (typeof where !== 'string') return view
  const query = compileQuery(where, view.schema)
  const annotations = query.needsAnnotations ? 'matching' : 'all'
  return filteredView(view, { query, subset: undefined, annotations })
}

async function* evaluatedItems(
  view: DatasetView,
  predictions: string,
): AsyncGenerator<EvaluatedItem, void, undefined> {
  for await (const item of view.items()) {
    const layer = Object.hasOwn(item.layers, predictions)
      ? predictions
      : `predictions/${predictions}`
    yield evaluatedItem(item, layer)
  }
}
