import { buildDataset } from '@dsv/core'
import { optionInvalid } from '@dsv/steps'
import { noteLosses } from './note-losses.ts'
import type { PipelineStep } from './pipeline-step.ts'

/** Writes a dataset in another format. */
export const exportStep: PipelineStep = {
  name: 'export',
  summary: 'Write a dataset in the format of the stage',
  inputs: 'one',
  options: {},
  makes: 'dataset',
  run: async ({ repository, session, inputs: [input], format, onNote }) => {
    if (format === undefined) throw optionInvalid('export', 'format', 'is missing in the stage')
    if (input === undefined) throw optionInvalid('export', 'from', 'names no dataset')
    const view = await input.view()
    const content = { schema: view.schema, items: view.items() }
    const { part, losses } = await buildDataset(repository, session, format, content)
    noteLosses(losses, format, onNote)
    return part
  },
}
