import { categoryCounts, categoryCountsText, labelmapText } from '@dsv/analysis'
import type { OptionDefinitions } from '@dsv/steps'
import { datasetsOf } from './datasets-of.ts'
import { filePart } from './metrics-part.ts'
import type { PipelineStep, PipelineStepContext } from './pipeline-step.ts'

const OPTIONS: OptionDefinitions = {
  where: { type: 'string', describe: 'A query: only items that match it' },
}

/** Counts the annotations of each category, in the very bytes that tinyvoc writes. */
export const countCategoriesStep: PipelineStep = {
  name: 'count-categories',
  summary: 'Count the annotations of each category: {"car": 2, "dog": 1}',
  inputs: 'many',
  options: OPTIONS,
  makes: 'metrics',
  run: async (context) => textPart(context, categoryCountsText),
}

/** Lists the categories that are used, in the very bytes that tinyvoc writes. */
export const labelmapStep: PipelineStep = {
  name: 'labelmap',
  summary: 'List the categories that are used, as a label map of Pascal VOC',
  inputs: 'many',
  options: OPTIONS,
  makes: 'files',
  run: async (context) => textPart(context, (counts) => labelmapText(counts.keys())),
}

async function textPart(
  { inputs, options: { where }, session }: PipelineStepContext,
  textOf: (counts: ReadonlyMap<string, number>) => string,
): ReturnType<PipelineStep['run']> {
  const selection = typeof where === 'string' ? { where } : {}
  const counts = await categoryCounts(await datasetsOf(inputs), selection)
  return filePart(session, Buffer.from(textOf(counts)))
}
