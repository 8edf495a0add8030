import { buildDataset, transformContext } from '@dsv/core'
import type { Step } from '@dsv/steps'
import { optionInvalid } from '@dsv/steps'
import type { PipelineStep } from './pipeline-step.ts'

/** Returns a step on datasets as stages use it: its result is written in the format of its first input. */
export function datasetStep(step: Step): PipelineStep {
  const { name, summary, inputs, options } = step
  return {
    name,
    summary,
    inputs,
    options,
    makes: 'dataset',
    run: async (context) => {
      const { repository, session, onNote, onReport } = context
      const [first] = context.inputs
      if (first === undefined) throw optionInvalid(name, 'from', 'names no dataset')
      const given = await Promise.all(
        context.inputs.map(async ({ path, view }) => ({ path, view: await view() })),
      )
      const content = await step.apply(given, context.options, {
        ...transformContext(repository, session),
        onNote,
        onReport,
      })
      const format = context.format ?? (await first.format())
      const { part, losses } = await buildDataset(repository, session, format, content)
      for (const { what, examples } of losses) onNote({ what, where: examples[0] ?? '' })
      return part
    },
  }
}
