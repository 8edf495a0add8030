import { stepNamed } from '@dsv/steps'
import { type Command, defineCommand } from '../command.ts'
import { describePlace, runStep } from '../run-step.ts'
import { describeOptions, readOptions } from '../step-options.ts'

/** `dsv edit`: changes what matches a query, through the step `set`. */
export const editCommand: Command = defineCommand({
  name: 'edit',
  positionals: '<query> [datasets..]',
  summary: 'Change or delete the items and annotations that match a query.',
  details: [
    'The result is staged and written to the working tree; `dsv undo` takes it back.',
    'A query about items alone means all of their annotations. docs/query-language.md describes queries.',
  ].join('\n'),
  examples: [
    [`dsv edit 'category = "lorry"' data/street --set category=truck`, 'Relabel'],
    [`dsv edit 'id = "0001"' --set attributes.checked=true --add-tag night`, 'Say more of an item'],
    [`dsv edit 'score < 0.3' --delete annotations`, 'Delete what a model is not sure of'],
  ],
  describe: (options) => {
    const { where: _, ...changes } = stepNamed('set').options
    return describeOptions(
      describePlace(
        options.positional('query', {
          type: 'string',
          demandOption: true,
          describe: 'What is changed',
        }),
      ),
      changes,
    )
  },
  run: async (args, io) => {
    const step = stepNamed('set')
    const values = readOptions(step, { ...args, where: args.query }, io.folder)
    await runStep(step, values, { ...args, description: 'edit' }, io)
  },
})
