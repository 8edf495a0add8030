import type { ObjectId } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { localTree } from '../stage/local-tree.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { headMove } from './merge.ts'
import { workingSnapshot } from './render-dataset.ts'
import type { Repository } from './repository.ts'
import { resolveCommit } from './revisions.ts'
import { snapshotOf } from './snapshot-of.ts'

/** Where to reset to, and how much follows. */
export interface ResetRequest {
  /** Default `HEAD`. */
  readonly revision?: string
  /** `soft` moves the branch, `mixed` (default) the stage too, `hard` the working tree as well. */
  readonly mode?: 'soft' | 'mixed' | 'hard'
}

/**
 * Moves the branch that HEAD is on to a commit. What `hard` writes over is stored first, so `undo`
 * brings it back. A merge that waits for `resolve` is given up, but for `soft`.
 *
 * @throws `DSV_REVISION_UNKNOWN`
 */
export async function reset(
  repository: Repository,
  { revision = 'HEAD', mode = 'mixed' }: ResetRequest,
): Promise<ObjectId> {
  const commitId = await resolveCommit(repository, revision)
  return withKnownBlobs(repository, async (known) =>
    repository.write(`reset --${mode} ${revision}`, async (transaction) => {
      const { state, session } = transaction
      const refs = headMove(state, commitId)
      if (mode === 'soft') {
        await transaction.publish(refs)
        return commitId
      }
      const snapshot = await snapshotOf(repository, commitId)
      const stage = await workingSnapshot(repository, session, snapshot, state.work.formats)
      const work = { ...state.work, stage, merge: undefined }
      if (mode === 'mixed') {
        await transaction.publish({ ...refs, work })
        return commitId
      }
      const from = await localTree(repository, transaction, known, [''])
      const move = { from, to: stage.files, datasets: stage.datasets }
      await moveWorkingTree(repository, transaction, known, move, { force: true }, async (moved) =>
        transaction.publish({ ...refs, work: afterMove(work, moved) }),
      )
      return commitId
    }),
  )
}
