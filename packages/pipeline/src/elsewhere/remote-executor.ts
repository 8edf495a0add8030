import type { Repository } from '@dsv/core'
import { fetch, push, type RemoteRepository } from '@dsv/remote'
import { isDsvError, type ObjectId } from '@dsv/store'
import { stageFailed, workerLost } from '../errors.ts'
import { stageAddress } from '../graph/stage-graph.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import { readRun } from '../run-cache/find-run.ts'
import type { JobRunner } from './job-runner.ts'
import { patiently } from './patiently.ts'
import { type Piece, pieceDigest } from './pieces.ts'
import { shellWord } from './shell-word.ts'
import type { StageExecutor } from './stage-executor.ts'
import { storeWork } from './store-work.ts'
import { leftRefs, madeRefOf, newWorkRef } from './work-refs.ts'

/** How workers are reached. */
export interface RemoteExecution {
  readonly runner: JobRunner
  /** Runs `work` with the remote that both sides reach, opened anew. */
  readonly withRemote: <Result>(
    work: (remote: RemoteRepository) => Promise<Result>,
  ) => Promise<Result>
  /** Starts a worker, but for the ref: `dsv worker …`. For the shell. */
  readonly worker: string
  /** Into how many pieces the items of a stage are cut, where its step goes item by item. */
  readonly pieces: number
  /** Told what somebody who waits wants to know. */
  readonly onRemark: (text: string) => void
}

/** How often work is given out again whose worker was lost. */
const RESTARTS = 3

/** Returns an executor whose workers read from and write to a remote. Takes away what runs left there that were killed. */
export async function remoteExecutor(
  repository: Repository,
  execution: RemoteExecution,
): Promise<StageExecutor> {
  const left = await execution.withRemote(async ({ root }) => leftRefs(root.refs.keys()))
  await forget(repository, execution, left)
  return {
    pieces: execution.pieces,
    make: async (_repository, stage, digest, onOutput, piece) => {
      const ref = newWorkRef()
      try {
        await giveOut(repository, execution, { stage, piece, ref })
        const made = await untilMade(repository, execution, { stage, ref, onOutput })
        const run = await readRun(repository, made)
        const wanted = piece === undefined ? digest : pieceDigest(digest, piece)
        if (run?.digest === wanted) return run
        throw stageFailed(
          stageAddress(stage),
          'read something else on the worker than here',
          'The worker has to run the same release of dsv, and files must not change meanwhile.',
        )
      } finally {
        await forget(repository, execution, [ref, madeRefOf(ref)])
      }
    },
  }
}

interface Given {
  readonly stage: PipelineStage
  readonly piece: Piece | undefined
  readonly ref: string
}

async function giveOut(
  repository: Repository,
  { withRemote }: RemoteExecution,
  { stage, piece, ref }: Given,
): Promise<void> {
  const to = await storeWork(repository, stage, ref, piece)
  await patiently(repository.environment.signal, async () =>
    withRemote(async (remote) => push(repository, remote, [{ name: ref, to }])),
  )
}

interface Waiting {
  readonly stage: PipelineStage
  readonly ref: string
  readonly onOutput: (bytes: Uint8Array) => void
}

/** Has the work done until it is there. */
async function untilMade(
  repository: Repository,
  execution: RemoteExecution,
  { stage, ref, onOutput }: Waiting,
): Promise<ObjectId> {
  const { runner, worker, onRemark } = execution
  const { signal } = repository.environment
  const name = stageAddress(stage)
  for (let attempt = 0; ; attempt += 1) {
    const end = await runner.run(`${worker} ${shellWord(ref)}`, { signal, onOutput })
    signal.throwIfAborted()
    if (end.type === 'failed')
      throw stageFailed(
        name,
        `failed on ${runner.name}: its worker exited with ${end.exitCode}`,
        end.exitCode > 125
          ? 'The worker could not be started: name the command that starts dsv there with --worker.'
          : 'What the worker printed stands above.',
      )
    // A worker may be lost after it was done.
    const made = await bring(repository, execution, madeRefOf(ref))
    if (made !== undefined) return made
    const reason = end.type === 'lost' ? end.reason : 'it gave nothing back'
    if (attempt === RESTARTS) throw workerLost(name, runner.name, attempt + 1, reason)
    onRemark(`The worker of ${name} was lost (${reason}); another one begins again`)
  }
}

async function bring(
  repository: Repository,
  { withRemote }: RemoteExecution,
  ref: string,
): Promise<ObjectId | undefined> {
  return patiently(repository.environment.signal, async () =>
    withRemote(async (remote) => {
      const id = remote.root.refs.get(ref)
      if (id !== undefined) await fetch(repository, remote, { refs: [ref] })
      return id
    }),
  )
}

/** Takes refs away, there and here. Who may not do that there leaves them: they go with the next run after a week. */
async function forget(
  repository: Repository,
  { withRemote }: RemoteExecution,
  refs: readonly string[],
): Promise<void> {
  if (refs.length === 0) return
  const here = [...(await repository.state()).refs.keys()].filter((name) => refs.includes(name))
  if (here.length > 0)
    await repository.write('forget work', async ({ publish }) =>
      publish({ refs: new Map(here.map((name) => [name, undefined])) }),
    )
  try {
    await patiently(undefined, async () =>
      withRemote(async (remote) => {
        const there = refs.filter((name) => remote.root.refs.has(name))
        if (there.length > 0)
          await push(
            repository,
            remote,
            there.map((name) => ({ name, to: undefined })),
          )
      }),
    )
  } catch (error) {
    if (!isDsvError(error)) throw error
  }
}
