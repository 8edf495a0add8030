import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import {
  contentIdOf,
  encodeFile,
  isDsvError,
  partDatasets,
  publishOutputs,
  recognizePart,
  type Repository,
  type SnapshotPart,
  storeFolder,
  type Transaction,
} from '@dsv/core'
import { buildTree, type TreeRef } from '@dsv/store'
import { stageAddress } from '../graph/stage-graph.ts'
import { LOCK_FILE, readLock, writeLock } from '../lock/lock-file.ts'
import type { PipelineLock, StageRecord } from '../lock/stage-record.ts'
import type { PipelineStage } from '../model/pipeline-stage.ts'
import type { StageInputs } from '../stale/stage-inputs.ts'

/** A stage that has run in its scratch folder. */
export interface FinishedStage {
  readonly stage: PipelineStage
  readonly inputs: StageInputs
  readonly scratch: string
}

/** Stores the outputs and publishes them with the lock, at once. */
export async function publishStage(
  repository: Repository,
  { stage, inputs, scratch }: FinishedStage,
): Promise<void> {
  const name = stageAddress(stage)
  await publishOutputs(repository, `run ${name}`, async (transaction) => {
    const { session } = transaction
    const outputs: { path: string; part: SnapshotPart }[] = []
    const ids: Record<string, string> = {}
    for (const output of stage.outputs) {
      const place = path.join(scratch, output.path)
      const files = await storeFolder(repository, session, place, output.path)
      ids[output.path] = await contentIdOf(session, files)
      const part = await recognized(repository, transaction, output.path, files)
      outputs.push({ path: output.path, part })
    }
    const lock = new Map(readLockFile(repository.folder))
    lock.set(name, recordOf(inputs, ids))
    return { outputs: [...outputs, { path: LOCK_FILE, part: await lockPart(transaction, lock) }] }
  })
}

/** Reads the lock of the working tree; without one nothing was run. @throws `DSV_LOCK_INVALID` */
export function readLockFile(root: string): PipelineLock {
  const file = path.join(root, LOCK_FILE)
  return existsSync(file) ? readLock(readFileSync(file, 'utf8')) : new Map()
}

function recordOf(
  { action, parameters, dependencies }: StageInputs,
  outputs: Readonly<Record<string, string>>,
): StageRecord {
  const ids: [string, string][] = []
  for (const [dependency, id] of dependencies) if (id !== undefined) ids.push([dependency, id])
  return { action, parameters, dependencies: Object.fromEntries(ids), outputs }
}

async function lockPart({ session }: Transaction, lock: PipelineLock): Promise<SnapshotPart> {
  const bytes = Buffer.from(writeLock(lock))
  const blob = await session.putBlob(bytes)
  const record = { type: 'file', blob, sizeBytes: bytes.length, role: 'none' } as const
  return { files: await buildTree(session, [encodeFile('', record)]), datasets: new Map() }
}

/** What cannot be read as a dataset stays what it is: files. */
async function recognized(
  repository: Repository,
  { session, state }: Transaction,
  place: string,
  files: TreeRef,
): Promise<SnapshotPart> {
  const before = partDatasets(state.work.stage, place)
  try {
    return await recognizePart(repository, session, files, { name: place, before })
  } catch (error) {
    if (!isDsvError(error)) throw error
    return { files, datasets: new Map() }
  }
}
