import { editTree } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { pathUnknown } from '../errors.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { localTree } from '../stage/local-tree.ts'
import { editsToward, restage } from '../stage/restage.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { describePaths } from './describe-paths.ts'
import { fileIn } from './file-in.ts'
import { workingSnapshot } from './render-dataset.ts'
import type { Repository, Transaction } from './repository.ts'
import { resolveCommit } from './revisions.ts'
import { snapshotOf } from './snapshot-of.ts'
import { hasFilesBelow } from './has-files-below.ts'

/** What to bring back, and where. */
export interface RestoreRequest {
  /** Files and folders relative to the working tree; the empty string is all of it. */
  readonly paths: readonly string[]
  /** Default: the stage for the working tree, HEAD for the stage. */
  readonly source?: string
  readonly staged?: boolean
  /** Default true, unless `staged` is set. */
  readonly worktree?: boolean
}

/**
 * Brings files back as the stage or a commit has them. What is written over is stored first, so `undo`
 * brings it back. Files that are not tracked stay.
 *
 * @throws `DSV_PATH_UNKNOWN`, `DSV_REVISION_UNKNOWN`
 */
export async function restore(repository: Repository, request: RestoreRequest): Promise<void> {
  const { paths, staged = false } = request
  const worktree = request.worktree ?? !staged
  await withKnownBlobs(repository, async (known) =>
    repository.write(`restore ${describePaths(paths)}`, async (transaction) => {
      const { state, session } = transaction
      const source = await sourceOf(repository, transaction, request)
      for (const path of paths) await checkKnown(transaction, source, path)
      const stage = staged
        ? await restage(
            repository,
            session,
            state.work.stage,
            await editsToward(session, state.work.stage.files, source.files, paths),
            source,
          )
        : state.work.stage
      const work = { ...state.work, stage }
      if (!worktree) {
        await transaction.publish({ work })
        return
      }
      // Who names a path wants the media there, whatever the clone has left out.
      const isAll = paths.includes('')
      const from = await localTree(repository, transaction, known, paths, { keepsAbsent: false })
      const to = await editTree(
        session,
        from,
        await editsToward(session, from, source.files, paths),
      )
      await moveWorkingTree(
        repository,
        transaction,
        known,
        { from, to, ...(isAll && { datasets: source.datasets }) },
        { force: true },
        async (moved) => transaction.publish({ work: afterMove(work, moved) }),
      )
    }),
  )
}

async function sourceOf(
  repository: Repository,
  { state, session }: Transaction,
  { source, staged }: RestoreRequest,
): Promise<Snapshot> {
  if (source === undefined && staged !== true) return state.work.stage
  const commitId = source === undefined ? state.headCommit : await resolveCommit(repository, source)
  const snapshot = await snapshotOf(repository, commitId)
  return workingSnapshot(repository, session, snapshot, state.work.formats)
}

async function checkKnown(
  { state, session }: Transaction,
  source: Snapshot,
  path: string,
): Promise<void> {
  for (const { files } of [source, state.work.stage]) {
    if (path === '' || (await fileIn(session, files, path)) !== undefined) return
    if (await hasFilesBelow(session, files, path)) return
  }
  throw pathUnknown(path)
}
