import type { WriteSession } from '@dsv/store'
import { mergePending } from '../errors.ts'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { writeConflicts } from '../stage/conflicts.ts'
import { afterMove } from '../stage/work-state.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import type { MergeResult } from './merge.ts'
import { mergeSnapshots } from './merge-snapshots.ts'
import type { Repository } from './repository.ts'
import { workingSnapshot } from './render-dataset.ts'

/** What comes into the stage. */
export interface Graft {
  /** What the other side began with, and what it is there now; elsewhere both are as the stage. */
  readonly base: Snapshot
  readonly theirs: Snapshot
  /** What is put right in the merged snapshot before it is staged. */
  readonly finish?: (merged: Snapshot) => Promise<Snapshot>
}

/**
 * Merges a change that comes from elsewhere into the stage and the working tree. Nothing is committed;
 * conflicts wait for `resolve`.
 *
 * @param description - For the operation log: `import data/street`
 * @throws `DSV_MERGE_PENDING`, `DSV_CHECKOUT_WOULD_OVERWRITE`, and what `change` throws
 */
export async function graft(
  repository: Repository,
  description: string,
  change: (session: WriteSession, stage: Snapshot) => Promise<Graft>,
): Promise<MergeResult> {
  return withKnownBlobs(repository, async (known) =>
    repository.write(description, async (transaction) => {
      const { state, session } = transaction
      const { work } = state
      if (work.merge !== undefined) throw mergePending(work.merge.kind)
      const { base, theirs, finish } = await change(session, work.stage)
      const ours = work.stage
      const merged = await mergeSnapshots(repository, session, { base, ours, theirs })
      const { conflicts, losses, sourceIdChanges } = merged
      const snapshot = finish === undefined ? merged.snapshot : await finish(merged.snapshot)
      const stage = await workingSnapshot(repository, session, snapshot, work.formats)
      const pending =
        conflicts.length === 0
          ? undefined
          : {
              kind: 'merge' as const,
              heads: [],
              message: description,
              conflicts: await writeConflicts(session, conflicts),
            }
      const move = { from: work.stage.files, to: stage.files, datasets: stage.datasets }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        transaction.publish({ work: afterMove({ ...work, stage, merge: pending }, moved) }),
      )
      const type = conflicts.length === 0 ? 'staged' : 'conflicts'
      return { type, commitId: undefined, conflicts, losses, sourceIdChanges }
    }),
  )
}
