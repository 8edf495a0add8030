import { CHECK_TASKS, CHECKS, countBySeverity, SEVERITIES, type Severity } from '@dsv/analysis'
import { readDatasets } from '@dsv/core'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { annotationFiles } from '../annotation-files.ts'
import { type CheckedDataset, checkDatasets } from '../check-datasets.ts'
import { checkSettings } from '../check-settings.ts'
import { exclude } from '../exclude.ts'
import { UsageError } from '../failure.ts'
import { repositoryPaths } from '../repository-path.ts'
import { checkLines, checkSummary } from '../views/check-lines.ts'
import { jsonText } from '../views/json-text.ts'
import { junitXml } from '../views/junit-xml.ts'
import { paintOf } from '../views/paint.ts'
import { sarifJson } from '../views/sarif-json.ts'
import { listLines } from '../views/table-lines.ts'
import { withRepository } from '../with-repository.ts'
import { writeReport } from '../write-report.ts'

/** Examples of each check that people see. */
const EXAMPLES = 3
/** Findings of each check that programs see. */
const LIMIT = 1000

/** `dsv check`: looks for what is wrong in datasets. */
export const checkCommand: Command = defineCommand({
  name: 'check',
  positionals: '[datasets..]',
  summary: 'Look for what is wrong or strange in datasets.',
  details: [
    'Exits with 1 when it finds errors, or what --fail-on says. `dsv config check.<name>` sets how bad a',
    'finding is (error, warning, info, off), `dsv config check.<name>.<parameter>` what a check goes by.',
    'docs/checks.md explains all checks. `dsv transform correct` repairs much of what they find.',
  ].join('\n'),
  examples: [
    ['dsv check', 'All datasets of the stage'],
    ['dsv check data/street --rev v1.0 --task detection', 'A version, for training a detector'],
    ['dsv check --pixels --sarif check.sarif', 'Decode images too; a report for a code host'],
    ['dsv check --only outside-image,area-zero --json', 'Some checks, for a program'],
    ['dsv check --list', 'Which checks there are'],
  ],
  describe: (options) =>
    options
      .positional('datasets', {
        type: 'string',
        array: true,
        describe: 'Paths of datasets; all by default',
      })
      .option('rev', { alias: 'at', type: 'string', describe: 'A revision; the stage by default' })
      .option('where', { type: 'string', describe: 'Only items that match a query' })
      .option('subset', { type: 'string', describe: 'Only items of a subset' })
      .option('layer', { type: 'string', describe: 'The layer to check; ground_truth by default' })
      .option('task', {
        type: 'string',
        choices: CHECK_TASKS,
        describe: 'Only checks that matter for a task, and annotations that count for it',
      })
      .option('only', { type: 'string', array: true, describe: 'Only these checks' })
      .option('skip', { type: 'string', array: true, describe: 'Not these checks' })
      .option('pixels', {
        type: 'boolean',
        describe: 'Also decode all images: broken ones, wrong sizes, look-alikes in two subsets',
      })
      .option('fail-on', {
        type: 'string',
        choices: [...SEVERITIES, 'never'],
        default: 'error',
        describe: 'What makes the exit code 1',
      })
      .option('limit', {
        type: 'number',
        describe: `Findings of each check that are listed; ${EXAMPLES} for people, ${LIMIT} in reports`,
      })
      .option('list', { type: 'boolean', default: false, describe: 'List the checks' })
      .option('junit', { type: 'string', describe: 'Write a JUnit report (XML) to this file' })
      .option('sarif', { type: 'string', describe: 'Write a SARIF report to this file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON' }),
  run: async (args, io) => {
    const { datasets = [], rev, where, subset, layer, task, limit, json, junit, sarif } = args
    exclude({ list: args.list, junit })
    exclude({ list: args.list, sarif })
    if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
      throw new UsageError('--limit takes a whole number.')
    if (args.list) {
      if (json) io.out(jsonText(CHECKS))
      else
        for (const line of listLines(
          CHECKS.map(({ name, severity, about }) => [name, severity, about]),
        ))
          io.out(`${line}\n`)
      return DONE
    }
    const settings = checkSettings(io)
    return withRepository(io, async (repository) => {
      const opened = await readDatasets(repository, {
        datasets: repositoryPaths(repository, io, datasets),
        ...(rev !== undefined && { at: rev }),
      })
      const isForPeople = !json && junit === undefined && sarif === undefined
      const request = {
        ...settings,
        pixels: args.pixels ?? settings.pixels,
        only: namesOf(args.only),
        skip: namesOf(args.skip),
        limit: limit ?? (isForPeople ? EXAMPLES : LIMIT),
        ...(where !== undefined && { where }),
        ...(subset !== undefined && { subset }),
        ...(layer !== undefined && { layer }),
        ...(task !== undefined && { task }),
      }
      const checked = await checkDatasets(opened, request, io)
      const failOn = SEVERITIES.find((each) => each === args.failOn)
      if (junit !== undefined)
        await writeReport(
          io,
          junit,
          junitXml(checked, failOn ?? 'error'),
          '<testsuites name="dsv check"',
        )
      if (sarif !== undefined) {
        const fileOf = await annotationFiles(repository, checked, rev)
        await writeReport(io, sarif, jsonText(sarifJson(checked, fileOf)), '"name":"dsv"')
      }
      if (json) io.out(jsonText(reportOf(checked)))
      else {
        for (const dataset of checked)
          for (const line of checkLines(dataset, paintOf(io), limit ?? EXAMPLES))
            io.out(`${line}\n`)
        io.out(`${checked.length === 0 ? 'There are no datasets' : checkSummary(checked)}\n`)
        const [left] = checked.map(({ withoutPixels }) => withoutPixels)
        if (left !== undefined && left.length > 0)
          io.note(`Not run, for they read pixels (--pixels): ${left.join(', ')}\n`)
      }
      return failOn !== undefined && isAtLeast(checked, failOn) ? FAILED : DONE
    })
  },
})

/** Whether something was found that is at least so bad. */
function isAtLeast(checked: readonly CheckedDataset[], failOn: Severity): boolean {
  const counts = countBySeverity(checked)
  return SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1).some((each) => counts[each] > 0)
}

function reportOf(checked: readonly CheckedDataset[]): unknown {
  const { error: errors, warning: warnings, info: infos } = countBySeverity(checked)
  return { datasets: checked, summary: { errors, warnings, infos } }
}

function namesOf(typed: readonly string[] | undefined): readonly string[] {
  return (typed ?? []).flatMap((each) => each.split(','))
}
