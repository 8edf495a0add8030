import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type Environment,
  localConfigFile,
  Repository,
  RUNS_REF,
  switchTo,
  writePartialClone,
} from '@dsv/core'
import { addRemote, fetch, push, type Remote, type RemoteRepository } from '@dsv/remote'
import { workInvalid } from '../errors.ts'
import { runPipeline, type RunListener, type RunRequest } from '../run/run-pipeline.ts'
import { patiently } from './patiently.ts'
import { makePiece } from './pieces.ts'
import { readWork, type Work } from './store-work.ts'
import { isWorkRef, madeRefOf } from './work-refs.ts'

/** What a worker is told. */
export interface WorkRequest extends Pick<RunRequest, 'tool' | 'environment'> {
  readonly remote: Remote
  /** Runs `work` with the remote, opened anew. */
  readonly withRemote: <Result>(
    work: (remote: RemoteRepository) => Promise<Result>,
  ) => Promise<Result>
  /** The ref of what is to be done. */
  readonly ref: string
  readonly listener: RunListener
}

/**
 * Runs one stage in a repository that exists only meanwhile, on what a remote holds for it, and puts what it made there.
 *
 * @returns Whether the stage succeeded; what it threw was given to the listener
 * @throws `DSV_WORK_INVALID`, and what the remote throws
 */
export async function doWork(
  environmentOf: (folder: string) => Environment,
  request: WorkRequest,
): Promise<boolean> {
  const { ref, withRemote } = request
  if (!isWorkRef(ref)) throw workInvalid(ref, 'is no ref of work')
  const folder = mkdtempSync(path.join(tmpdir(), 'dsv-work-'))
  try {
    const work = await withRemote(async ({ root, store }) => {
      const id = root.refs.get(ref)
      if (id === undefined) throw workInvalid(ref, 'is not in the remote')
      return readWork(store.objects, id, ref)
    })
    const repository = await prepare(folder, environmentOf(folder), request, work)
    try {
      return await runOn(repository, request, work)
    } finally {
      await repository.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function prepare(
  folder: string,
  environment: Environment,
  { remote, withRemote, ref }: WorkRequest,
  { isOfSteps }: Work,
): Promise<Repository> {
  const repository = await Repository.init(folder, environment, { isPartial: isOfSteps })
  try {
    const file = localConfigFile(folder)
    addRemote(file, remote)
    if (isOfSteps)
      writePartialClone(file, { media: 'none', subsets: [], paths: [], remote: remote.name })
    await withRemote(async (opened) => fetch(repository, opened, { refs: [ref] }))
    await switchTo(repository, { target: 'work', create: true, start: ref })
    return repository
  } catch (error) {
    await repository.close()
    throw error
  }
}

async function runOn(
  repository: Repository,
  { withRemote, ref, tool, environment, listener }: WorkRequest,
  { stage, piece }: Work,
): Promise<boolean> {
  if (piece === undefined) {
    const choice = { targets: [stage], single: true }
    const { isFailed } = await runPipeline(repository, { ...choice, tool, environment }, listener)
    if (isFailed) return false
  } else await makePiece(repository, stage, piece, tool)
  const to = (await repository.state()).refs.get(RUNS_REF)
  if (to === undefined) throw workInvalid(ref, 'made nothing that can be kept')
  await patiently(repository.environment.signal, async () =>
    withRemote(async (opened) =>
      push(repository, opened, [{ name: madeRefOf(ref), to, force: true }]),
    ),
  )
  return true
}
