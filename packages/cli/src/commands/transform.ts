import { type Step, stepNamed, STEPS } from '@dsv/steps'
import { type Command, defineCommand } from '../command.ts'
import { describePlace, runStep } from '../run-step.ts'
import { describeOptions, readOptions } from '../step-options.ts'
import { jsonText } from '../views/json-text.ts'
import { listLines } from '../views/table-lines.ts'

/** `dsv transform`: makes datasets of datasets. */
export const transformCommand: Command = defineCommand({
  name: 'transform',
  positionals: '[step] [datasets..]',
  summary: 'Make datasets of datasets. The result is staged and written to the working tree.',
  details: 'Without a step they are listed; `dsv transform <step> --help` explains one.',
  examples: [
    ['dsv transform', 'List the steps'],
    [`dsv transform filter data/street --where 'category = "car"'`, 'Keep cars alone'],
    ['dsv undo', 'Take it back'],
  ],
  inner: (word) => {
    const step = STEPS.find(({ name }) => name === word)
    return step && stepCommand(step)
  },
  describe: (options) =>
    options
      .positional('step', { type: 'string', describe: 'What to do' })
      .positional('datasets', { type: 'string', array: true, describe: 'Paths of datasets' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the list as JSON' }),
  run: async ({ step, json }, io) => {
    if (step !== undefined) stepNamed(step)
    if (json)
      io.out(
        jsonText(
          STEPS.map(({ name, summary, inputs, options }) => ({
            name,
            summary,
            inputs,
            options,
          })),
        ),
      )
    else
      for (const line of listLines(STEPS.map(({ name, summary }) => [name, summary])))
        io.out(`${line}\n`)
  },
})

/** `dsv transform filter` and its like. */
function stepCommand(step: Step): Command {
  return defineCommand({
    name: `transform ${step.name}`,
    positionals: '[datasets..]',
    summary: `${step.summary}.`,
    details: [
      'The result is staged and written to the working tree; `dsv undo` takes it back.',
      'With -o it is written to a folder instead.',
    ].join('\n'),
    examples: [],
    describe: (options) =>
      describeOptions(
        describePlace(options).option('report', {
          type: 'string',
          hidden: step.report === undefined,
          describe: `Write the report to this file, as JSON: ${step.report ?? 'none'}`,
        }),
        step.options,
      ),
    run: async (args, io) => {
      const description = `transform ${step.name}`
      await runStep(step, readOptions(step, args, io.folder), { ...args, description }, io)
    },
  })
}
