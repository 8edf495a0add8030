import path from 'node:path'
import { recognizePart, storeFolder } from '@dsv/core'
import { optionInvalid } from '@dsv/steps'
import { noteLosses } from './note-losses.ts'
import type { PipelineStep } from './pipeline-step.ts'

/** Makes a dataset of folders or zip files in any format. */
export const convertStep: PipelineStep = {
  name: 'convert',
  summary: 'Make a dataset of folders or zip files in any format, in the format of the stage',
  inputs: 'many',
  options: {
    'from-format': {
      type: 'string',
      describe: 'The format to read; what it looks like by default',
    },
    prefix: {
      type: 'boolean',
      describe: 'Put the name of its input before every item, so that none clash',
    },
  },
  makes: 'dataset',
  run: async (context) => {
    const { repository, session, inputs, options, format, output, signal, onNote } = context
    const { 'from-format': from, prefix } = options
    if (format === undefined) throw optionInvalid('convert', 'format', 'is missing in the stage')
    if (inputs.some(({ place }) => place === ''))
      throw optionInvalid('convert', 'from', 'names no files: convert has to be the first step')
    const { convertDataset } = await import('@dsv/formats')
    const folder = path.join(context.scratchFolder(), 'dataset')
    const { formats } = repository.environment
    const { losses } = await convertDataset(
      {
        input: inputs.map((input) => input.place),
        to: format,
        output: folder,
        ...(typeof from === 'string' && { from }),
        ...(prefix === true && { prefix }),
      },
      { signal, formats },
    )
    noteLosses(losses, format, onNote)
    const files = await storeFolder(repository, session, folder, output)
    return recognizePart(repository, session, files, { name: output, format })
  },
}
