import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildDataset, type DatasetContent, transformContext } from '@dsv/core'
import type { Step } from '@dsv/steps'
import { optionInvalid } from '@dsv/steps'
import { noteLosses } from './note-losses.ts'
import type { PipelineStep, PipelineStepContext } from './pipeline-step.ts'

/** Returns a step on datasets as stages use it: its result is written in the format of its first input. */
export function datasetStep(step: Step): PipelineStep {
  const { name, summary, inputs, options } = step
  const content = async (context: PipelineStepContext): Promise<DatasetContent> => {
    const { repository, session, onNote, onReport } = context
    const given = await Promise.all(
      context.inputs.map(async ({ path, view, datasetId }) => ({
        path,
        view: await view(),
        datasetId: await datasetId(),
      })),
    )
    return step.apply(given, withFiles(step, context), {
      ...transformContext(repository, session),
      onNote,
      onReport,
    })
  }
  return {
    name,
    summary,
    inputs,
    options,
    makes: 'dataset',
    run: async (context) => {
      const { repository, session, onNote } = context
      const [first] = context.inputs
      if (first === undefined) throw optionInvalid(name, 'from', 'names no dataset')
      const made = await content(context)
      const format = context.format ?? (await first.format())
      const { part, losses } = await buildDataset(repository, session, format, made)
      noteLosses(losses, format, onNote)
      return part
    },
    ...(step.isItemwise === true && { content }),
  }
}

/** Steps are handed the content of files that options name. */
function withFiles(
  { options: definitions }: Step,
  { options, repository }: PipelineStepContext,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) =>
      definitions[name]?.isFile === true && typeof value === 'string'
        ? [name, readFileSync(join(repository.folder, value), 'utf8')]
        : [name, value],
    ),
  )
}
