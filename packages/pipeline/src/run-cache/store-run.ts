import {
  type Commit,
  encodeCommit,
  type Json,
  type Repository,
  type Snapshot,
  withPart,
  signature,
} from '@dsv/core'
import { EMPTY_TREE, type ObjectId, type WriteSession } from '@dsv/store'
import type { StageRecord } from '../lock/stage-record.ts'
import type { MadeOutput } from '../run/stage-product.ts'

/** A run that is kept. */
export interface KeptRun {
  readonly stage: string
  readonly digest: string
  readonly record: StageRecord
  readonly outputs: readonly MadeOutput[]
  /** What its step noted, where that is told elsewhere. */
  readonly notes?: Json
}

/** Stores a run on top of those before it. Returns what the ref becomes. */
export async function storeRun(
  { environment }: Repository,
  session: WriteSession,
  before: ObjectId | undefined,
  { stage, digest, record, outputs, notes }: KeptRun,
): Promise<ObjectId> {
  let snapshot: Snapshot = { files: EMPTY_TREE, datasets: new Map() }
  for (const { path, part } of outputs)
    if (part !== undefined) snapshot = await withPart(session, snapshot, path, part)
  const { now, user } = environment
  const author = signature(user, now())
  const ids: Json = { ...record.outputs }
  const dependencies: Json = { ...record.dependencies }
  const commit: Commit = {
    ...snapshot,
    parents: before === undefined ? [] : [before],
    author,
    committer: author,
    message: `run ${stage}\n`,
    extra: {
      run: { digest, stage, dependencies, outputs: ids, tool: record.tool ?? null },
      ...(notes !== undefined && { notes }),
    },
  }
  return session.putObject('commit', encodeCommit(commit))
}
