import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { transform, type TransformOutcome } from '@dsv/core'
import { type Step, stepNamed, type StepReport, STEPS } from '@dsv/steps'
import { type Command, defineCommand } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { describeOptions, readOptions } from '../step-options.ts'
import { repositoryPath, repositoryPaths } from '../repository-path.ts'
import { jsonText } from '../views/json-text.ts'
import { countLosses, lossLines } from '../views/loss-lines.ts'
import { countOf } from '../views/quantities.ts'
import { listLines } from '../views/table-lines.ts'
import { withRepository } from '../with-repository.ts'

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
    details: 'The result is staged and written to the working tree; `dsv undo` takes it back.',
    examples: [],
    describe: (options) =>
      describeOptions(
        options
          .positional('datasets', { type: 'string', array: true, describe: 'Paths of datasets' })
          .option('rev', { type: 'string', describe: 'Take the dataset from this version' })
          .option('into', { type: 'string', describe: 'The dataset that gets the result' })
          .option('format', { type: 'string', describe: 'The format of a new dataset' })
          .option('json', {
            type: 'boolean',
            default: false,
            describe: 'Print the outcome as JSON',
          })
          .option('report', {
            type: 'string',
            hidden: step.report === undefined,
            describe: `Write the report to this file, as JSON: ${step.report ?? 'none'}`,
          }),
        step.options,
      ),
    run: async (args, io) => {
      const { datasets = [], rev, into, format, json } = args
      const values = readOptions(step, args)
      if (step.inputs === 'many' && datasets.length > 1 && into === undefined)
        throw new UsageError('Name the dataset that gets the result of several with --into.')
      const reportFile = args.report === undefined ? undefined : newFile(step, args.report, io)
      await withRepository(io, async (repository) => {
        const notes: { readonly what: string; readonly where: string }[] = []
        let report: StepReport | undefined
        const outcome = await transform(
          repository,
          {
            description: `transform ${step.name}`,
            datasets: repositoryPaths(repository, io, datasets),
            ...(rev !== undefined && { revision: rev }),
            ...(into !== undefined && { output: repositoryPath(repository, io, into) }),
            ...(format !== undefined && { format }),
          },
          async (inputs, context) =>
            step.apply(inputs, values, {
              ...context,
              onNote: (note) => notes.push(note),
              onReport: (made) => (report = made),
            }),
        )
        if (reportFile !== undefined && report !== undefined)
          writeFileSync(reportFile, jsonText(report.value), { flag: 'wx' })
        print({ outcome, notes: countLosses(notes), report }, json, io)
      })
    },
  })
}

/** Returns the path of a report, where nothing is yet. */
function newFile({ name, report }: Step, typed: string, io: CommandIo): string {
  if (report === undefined) throw new UsageError(`${name} makes no report.`)
  const file = path.resolve(io.folder, typed)
  if (existsSync(file)) throw new UsageError(`There is something already at ${typed}`)
  return file
}

/** All that a step gave. */
interface Made {
  readonly outcome: TransformOutcome
  readonly notes: ReturnType<typeof countLosses>
  readonly report: StepReport | undefined
}

function print({ outcome, notes, report }: Made, json: boolean, io: CommandIo): void {
  if (json) {
    io.out(jsonText({ ...outcome, notes, ...(report !== undefined && { report: report.value }) }))
    return
  }
  const { items, isUnchanged, losses, format } = outcome
  const place = outcome.path || '.'
  if (isUnchanged) io.out(`Nothing changed in ${place}.\n`)
  else io.out(`Staged ${place}: ${countOf(items, 'item')} in ${format}\n`)
  for (const line of report?.lines ?? []) io.out(`${line}\n`)
  for (const line of lossLines(notes, 'the step:')) io.note(`${line}\n`)
  for (const line of lossLines(losses, `files in ${format} do not show`)) io.note(`${line}\n`)
}
