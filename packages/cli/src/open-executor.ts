import type { Repository } from '@dsv/core'
import { type JobRunner, localJobs, rayJobs, remoteExecutor, shellWord } from '@dsv/pipeline'
import type { StageExecutor } from '@dsv/pipeline'
import { optionsForAll, type Remote } from '@dsv/remote'
import { UsageError } from './failure.ts'
import type { CommandIo } from './io.ts'
import { addressFrom } from './remote-address.ts'
import { remoteOf, withRemote } from './with-remote.ts'

/** Options of commands whose stages can run elsewhere. */
export const EXECUTOR_OPTIONS = {
  on: { type: 'string', describe: 'Where stages run: ray://host:8265, or local:N for N processes' },
  remote: {
    type: 'string',
    describe: 'With --on: the remote that all workers reach; origin by default',
  },
  worker: {
    type: 'string',
    describe: 'With --on: the command that starts dsv there; dsv by default',
  },
  chunks: {
    type: 'number',
    describe: 'With --on: into how many jobs a step is cut that goes item by item; 4 by default',
  },
  'worker-env': {
    type: 'string',
    array: true,
    describe:
      'With --on: variables that workers get, which everybody who sees the cluster can read',
  },
} as const

/** What the user says about other machines. */
export interface ExecutorArguments {
  readonly on: string | undefined
  readonly remote: string | undefined
  readonly worker: string | undefined
  readonly workerEnv: readonly string[] | undefined
  readonly chunks: number | undefined
}

/** A place where stages run. */
export interface OpenedExecutor {
  readonly executor: StageExecutor
  /** How many stages may run at once. */
  readonly atOnce: number
}

/** Opens the place that `--on` names; undefined where stages run here. */
export async function openExecutor(
  repository: Repository,
  io: CommandIo,
  args: ExecutorArguments,
): Promise<OpenedExecutor | undefined> {
  const { on, worker } = args
  if (on === undefined) {
    for (const [name, value] of Object.entries({
      remote: args.remote,
      chunks: args.chunks,
      worker,
      'worker-env': args.workerEnv,
    }))
      if (value !== undefined) throw new UsageError(`--${name} goes with --on.`)
    return undefined
  }
  const { chunks: pieces = 4 } = args
  if (!(Number.isSafeInteger(pieces) && pieces > 0 && pieces <= 1000))
    throw new UsageError('--chunks takes a number from 1 to 1000.')
  const remote = remoteOf(repository, args.remote)
  const runner = runnerOf(on, io, args)
  const own = on.startsWith('local') ? io.program?.map(shellWord).join(' ') : undefined
  const executor = await remoteExecutor(repository, {
    runner,
    pieces,
    withRemote: async (work) => withRemote(remote, { base: repository.folder, io }, work),
    worker: `${worker ?? own ?? 'dsv'} ${wordsFor(repository, remote).map(shellWord).join(' ')}`,
    onRemark: (text) => io.note(`${text}\n`),
  })
  return { executor, atOnce: runner.atOnce }
}

function runnerOf(on: string, io: CommandIo, { workerEnv = [] }: ExecutorArguments): JobRunner {
  const [, count] = /^local(?::([1-9]\d{0,3}))?$/.exec(on) ?? []
  if (on === 'local' || count !== undefined) return localJobs(Number(count ?? 2), io.environment)
  const variables: [string, string][] = []
  for (const name of workerEnv) {
    const value = io.environment[name]
    if (value === undefined) throw new UsageError(`The variable ${name} is not set.`)
    variables.push([name, value])
  }
  const token = io.environment['RAY_AUTH_TOKEN']
  const runner = rayJobs(on, { variables: Object.fromEntries(variables), token })
  if (runner === undefined)
    throw new UsageError(`--on takes ray://host:8265 or local:N, not ${on}.`)
  return runner
}

/** What a worker is told on its command line, where others can read it: never secrets. */
function wordsFor({ folder }: Repository, { url, options }: Remote): readonly string[] {
  const words = Object.entries(optionsForAll(options)).map(([name, value]) => `${name}=${value}`)
  return ['worker', ...words.flatMap((word) => ['--option', word]), addressFrom(folder, url)]
}
