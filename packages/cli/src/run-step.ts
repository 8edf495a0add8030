import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  exportTransformed,
  type Repository,
  transform,
  type TransformContext,
  type TransformInput,
  type TransformOutcome,
} from '@dsv/core'
import type { Step, StepNote, StepReport } from '@dsv/steps'
import type { Argv } from 'yargs'
import { exclude } from './exclude.ts'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { repositoryPath, repositoryPaths } from './repository-path.ts'
import { exportText } from './views/export-text.ts'
import { jsonText } from './views/json-text.ts'
import { countLosses, lossLines } from './views/loss-lines.ts'
import { countOf } from './views/quantities.ts'
import { withRepository } from './with-repository.ts'

/** Declares what every step takes on the command line, beside its own options. */
export function describePlace<Args>(options: Argv<Args>): Argv<Args & PlaceArguments> {
  return options
    .positional('datasets', { type: 'string', array: true, describe: 'Paths of datasets' })
    .option('rev', { type: 'string', describe: 'Take the dataset from this version' })
    .option('into', { type: 'string', describe: 'The dataset that gets the result' })
    .option('output', {
      alias: 'o',
      type: 'string',
      describe: 'Write the result to this folder; stage and working tree stay as they are',
    })
    .option('format', { type: 'string', describe: 'The format of a new dataset, or with -o' })
    .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' })
}

/** Which datasets a step takes, and where its result goes. */
export interface PlaceArguments {
  readonly datasets: readonly string[] | undefined
  readonly rev: string | undefined
  readonly into: string | undefined
  readonly output: string | undefined
  readonly format: string | undefined
  readonly json: boolean
  /** File for the report. */
  readonly report?: string | undefined
}

/** Runs a step on datasets of the repository, and prints what became of it. */
export async function runStep(
  step: Step,
  values: Readonly<Record<string, unknown>>,
  args: PlaceArguments & { readonly description: string },
  io: CommandIo,
): Promise<void> {
  const { datasets = [], into, output } = args
  exclude({ into, output })
  if (step.result === 'new' && datasets.length > 1 && into === undefined && output === undefined)
    throw new UsageError('Name the dataset that gets the result of several with --into.')
  const reportFile = args.report === undefined ? undefined : newFile(step, args.report, io)
  await withRepository(io, async (repository) => {
    const notes: StepNote[] = []
    let report: StepReport | undefined
    const apply = async (
      inputs: readonly TransformInput[],
      context: TransformContext,
    ): ReturnType<Step['apply']> =>
      step.apply(inputs, values, {
        ...context,
        onNote: (note) => notes.push(note),
        onReport: (made) => (report = made),
      })
    const outcome =
      output === undefined
        ? await transform(repository, requestOf(repository, args, io), apply)
        : await exportTransformed(
            repository,
            { ...requestOf(repository, args, io), output: path.resolve(io.folder, output) },
            apply,
          )
    if (reportFile !== undefined && report !== undefined)
      writeFileSync(reportFile, jsonText(report.value), { flag: 'wx' })
    const summary = countLosses(notes)
    if (args.json)
      io.out(
        jsonText({
          ...outcome,
          notes: summary,
          ...(report !== undefined && { report: report.value }),
        }),
      )
    else {
      const made = 'isVerbatim' in outcome ? exportText(outcome, output ?? '') : stagedText(outcome)
      for (const line of [made, ...(report?.lines ?? [])]) io.out(`${line}\n`)
      const { losses, format } = outcome
      const files =
        output === undefined ? `files in ${format} do not show` : `${format} cannot hold`
      for (const line of [...lossLines(summary, 'the step:'), ...lossLines(losses, files)])
        io.note(`${line}\n`)
    }
  })
}

function requestOf(
  repository: Repository,
  {
    description,
    datasets = [],
    rev,
    into,
    format,
  }: PlaceArguments & { readonly description: string },
  io: CommandIo,
): Parameters<typeof transform>[1] {
  return {
    description,
    datasets: repositoryPaths(repository, io, datasets),
    ...(rev !== undefined && { revision: rev }),
    ...(into !== undefined && { output: repositoryPath(repository, io, into) }),
    ...(format !== undefined && { format }),
  }
}

function stagedText({ path: dataset, isUnchanged, items, format }: TransformOutcome): string {
  const place = dataset || '.'
  if (isUnchanged) return `Nothing changed in ${place}.`
  return `Staged ${place}: ${countOf(items, 'item')} in ${format}`
}

/** Returns the path of a report, where nothing is yet. */
function newFile({ name, report }: Step, typed: string, io: CommandIo): string {
  if (report === undefined) throw new UsageError(`${name} makes no report.`)
  const file = path.resolve(io.folder, typed)
  if (existsSync(file)) throw new UsageError(`There is something already at ${typed}`)
  if (!existsSync(path.dirname(file)))
    throw new UsageError(`The folder of the report is not there: ${typed}`)
  return file
}
