import type { ObjectReader } from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import { stageWorkingTree } from '../stage/stage-working-tree.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { diffSnapshots, type SnapshotDiff } from './diff-snapshots.ts'
import type { Repository } from './repository.ts'
import { resolveCommit } from './revisions.ts'
import { EMPTY_SNAPSHOT, snapshotOf } from './snapshot-of.ts'

/** One side of a comparison: a revision, what is staged, or what is on disk. */
export type DiffSide =
  | { readonly type: 'revision'; readonly revision: string }
  | { readonly type: 'stage' }
  | { readonly type: 'working-tree' }

/**
 * Compares two sides and hands the difference to `view`. What is on disk is read as `add` would read
 * it, into a draft that is thrown away: nothing is staged, and the repository may be read-only.
 *
 * @throws `DSV_REVISION_UNKNOWN`, and what `add` throws where the working tree is a side
 */
export async function diff<Result>(
  repository: Repository,
  from: DiffSide,
  to: DiffSide,
  view: (difference: SnapshotDiff, reader: ObjectReader) => Promise<Result>,
): Promise<Result> {
  if (from.type !== 'working-tree' && to.type !== 'working-tree') {
    const { objects } = repository.store
    const [left, right] = [await storedSide(repository, from), await storedSide(repository, to)]
    return view(await diffSnapshots(objects, left, right), objects)
  }
  return withKnownBlobs(
    repository,
    async (known) =>
      repository.draft(async (transaction) => {
        const request = { paths: [''], trackedOnly: true }
        const { stage } = await stageWorkingTree(repository, transaction, known, request)
        const side = async (each: DiffSide): Promise<Snapshot> =>
          each.type === 'working-tree' ? stage : storedSide(repository, each)
        const difference = await diffSnapshots(
          transaction.session,
          await side(from),
          await side(to),
        )
        return view(difference, transaction.session)
      }),
    { isKept: false },
  )
}

async function storedSide(
  repository: Repository,
  side: Exclude<DiffSide, { type: 'working-tree' }>,
): Promise<Snapshot> {
  const { headCommit, work } = await repository.state()
  if (side.type === 'stage') return work.stage
  // Before the first commit everything that is staged is new.
  if (side.revision === 'HEAD' && headCommit === undefined) return EMPTY_SNAPSHOT
  return snapshotOf(repository, await resolveCommit(repository, side.revision))
}
