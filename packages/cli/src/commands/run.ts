import {
  type PlannedStage,
  runPipeline,
  type RunOutcome,
  stageAddress,
  type StageEnd,
} from '@dsv/pipeline'
import { type Command, defineCommand, DONE, FAILED } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { CommandIo } from '../io.ts'
import { EXECUTOR_OPTIONS, openExecutor } from '../open-executor.ts'
import { runListener } from '../run-listener.ts'
import { repositoryPath } from '../repository-path.ts'
import { partOf, stagesOfPart } from '../stages-of-part.ts'
import { exclude } from '../exclude.ts'
import { version } from '../version.ts'
import { jsonText } from '../views/json-text.ts'
import { withRepository } from '../with-repository.ts'

/** `dsv run`: brings what pipelines make up to date. */
export const runCommand: Command = defineCommand({
  name: 'run',
  positionals: '[targets..]',
  summary: 'Run the pipeline stages that are out of date.',
  details: [
    'Each command runs in a scratch folder that shows the working tree; when it succeeds, its outputs and',
    'dsv.lock change at once. When it fails nothing changes. `dsv undo` takes back the last stage.',
  ].join('\n'),
  examples: [
    ['dsv run', 'All that is out of date'],
    ['dsv run train', 'One stage and those that it needs'],
    ['dsv run --dry-run', 'What would run, and why'],
    ['dsv run --on ray://head:8265', 'On the machines of a Ray cluster'],
  ],
  describe: (options) =>
    options
      .positional('targets', {
        type: 'string',
        array: true,
        describe: 'Stages, groups, pipeline files or outputs',
      })
      .option('jobs', {
        alias: 'j',
        type: 'number',
        describe: 'How many stages run at once; one for each core by default',
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would run' })
      .option('force', {
        alias: 'f',
        type: 'boolean',
        default: false,
        describe: 'Run stages that are up to date too',
      })
      .option('single', {
        alias: 's',
        type: 'boolean',
        default: false,
        describe: 'Only the named stages, not those that they need',
      })
      .option('downstream', {
        type: 'boolean',
        default: false,
        describe: 'The named stages and those that need them',
      })
      .option('keep-going', {
        alias: 'k',
        type: 'boolean',
        default: false,
        describe: 'After a failure, run what does not need the failed stage',
      })
      .option('cached', {
        type: 'boolean',
        default: false,
        describe: 'Run nothing: only take what the run cache has',
      })
      .option('part', {
        type: 'string',
        describe: 'Run one share of what is out of date: 2/3 is the second of three machines',
      })
      .options(EXECUTOR_OPTIONS)
      .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON' }),
  run: async (args, io) => {
    if (args.jobs !== undefined && !(Number.isSafeInteger(args.jobs) && args.jobs > 0))
      throw new UsageError('--jobs takes a number from 1 on.')
    const { dryRun, force, single, downstream, keepGoing, cached, json } = args
    exclude({ cached, force })
    const part = args.part === undefined ? undefined : partOf(args.part)
    if (part !== undefined && ((args.targets ?? []).length > 0 || single || downstream || force))
      throw new UsageError('--part takes its share of all that is out of date: name no stages.')
    return withRepository(io, async (repository) => {
      const targets =
        part === undefined ? (args.targets ?? []) : await stagesOfPart(repository, part)
      // No targets would mean all.
      if (part !== undefined && targets.length === 0) {
        io.out(json ? jsonText({ stages: [], isFailed: false }) : 'Nothing to do.\n')
        return DONE
      }
      const { on, remote, worker, workerEnv, chunks } = args
      const opened = dryRun
        ? undefined
        : await openExecutor(repository, io, { on, remote, worker, workerEnv, chunks })
      const jobs = args.jobs ?? opened?.atOnce
      const outcome = await runPipeline(
        repository,
        {
          targets,
          pathOf: (target) => repositoryPath(repository, io, target),
          force,
          dryRun,
          single,
          downstream,
          keepGoing,
          cachedOnly: cached,
          environment: io.environment,
          tool: `dsv ${version()}`,
          ...(jobs !== undefined && { jobs }),
          ...(opened !== undefined && { executor: opened.executor }),
        },
        runListener(io, { isSilent: json, jobs }),
      )
      if (json) io.out(jsonText(toJson(outcome)))
      else print(outcome, io)
      return outcome.isFailed ? FAILED : DONE
    })
  },
})

function toJson({ planned, ends, isFailed }: RunOutcome): unknown {
  return {
    stages: planned.map((each) => ({
      stage: stageAddress(each.stage),
      reasons: each.reasons,
      takesOver: takesOver(each),
      end: ends.get(stageAddress(each.stage))?.type ?? null,
    })),
    isFailed,
  }
}

/** Whether a stage does not run, but goes into the lock as DVC has recorded it. */
function takesOver({ isOfDvc, isSkipped }: PlannedStage): boolean {
  return isOfDvc && !isSkipped
}

function print({ planned, ends }: RunOutcome, io: CommandIo): void {
  if (planned.length === 0) io.out('There are no stages.\n')
  else if (ends.size === 0) {
    const taken = planned.filter(takesOver).length
    if (taken > 0) io.out(`Stages: ${taken} would be taken over from DVC\n`)
    else if (planned.every(({ reasons }) => reasons.length === 0)) io.out('Nothing to do.\n')
  } else {
    const count = (type: StageEnd['type']): number =>
      [...ends.values()].filter((end) => end.type === type).length
    const parts = [
      [count('ran'), 'ran'],
      [count('restored'), 'taken from the run cache'],
      [count('taken-over'), 'taken over from DVC'],
      [count('failed'), 'failed'],
      [count('not-run'), 'not run'],
    ].flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]))
    io.out(parts.length === 0 ? 'Nothing to do.\n' : `Stages: ${parts.join(', ')}\n`)
  }
}
