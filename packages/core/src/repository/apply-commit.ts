import type { ObjectId } from '@dsv/store'
import { mainlineInvalid, nothingCommitted } from '../errors.ts'
import type { Commit } from '../record/commit-record.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { checkReady, finishMerge, type MergeResult } from './merge.ts'
import { mergeSnapshots } from './merge-snapshots.ts'
import type { Repository } from './repository.ts'
import { resolveCommit } from './revisions.ts'
import { snapshotOf } from './snapshot-of.ts'

/** A commit to apply, or to take back. */
export interface ApplyCommitRequest {
  readonly revision: string
  /** The parent of a merge commit that its change is counted from; 1 is the first. */
  readonly mainline?: number
  /** Stops before the commit. */
  readonly noCommit?: boolean
}

/**
 * Makes the change of a commit once more, on top of HEAD: a merge whose base is the commit's parent.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_MAINLINE_INVALID`, and what `merge` throws
 */
export async function cherryPick(
  repository: Repository,
  request: ApplyCommitRequest,
): Promise<MergeResult> {
  const { commitId, commit, parent } = await chosenCommit(repository, request)
  const sides = async () => ({
    base: await snapshotOf(repository, parent),
    theirs: await snapshotOf(repository, commitId),
  })
  return applyChange(repository, request, 'cherry-pick', commitId, commit.message, sides)
}

/**
 * Takes back the change of a commit: a merge whose base is the commit, with its parent on the other
 * side.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_MAINLINE_INVALID`, and what `merge` throws
 */
export async function revert(
  repository: Repository,
  request: ApplyCommitRequest,
): Promise<MergeResult> {
  const { commitId, commit, parent } = await chosenCommit(repository, request)
  const subject = commit.message.split('\n', 1)[0] ?? ''
  const message = `Revert "${subject}"\n\nThis takes back commit ${commitId}`
  const sides = async () => ({
    base: await snapshotOf(repository, commitId),
    theirs: await snapshotOf(repository, parent),
  })
  return applyChange(repository, request, 'revert', commitId, message, sides)
}

async function applyChange(
  repository: Repository,
  request: ApplyCommitRequest,
  kind: 'cherry-pick' | 'revert',
  commitId: ObjectId,
  message: string,
  sidesOf: () => Promise<Pick<Parameters<typeof mergeSnapshots>[2], 'base' | 'theirs'>>,
): Promise<MergeResult> {
  return withKnownBlobs(repository, async (known) =>
    repository.write(`${kind} ${request.revision}`, async (transaction) => {
      await checkReady(repository, transaction)
      const { headCommit } = transaction.state
      if (headCommit === undefined) throw nothingCommitted()
      const sides = { ...(await sidesOf()), ours: await snapshotOf(repository, headCommit) }
      const merged = await mergeSnapshots(repository, transaction.session, sides)
      return finishMerge(repository, transaction, known, merged, {
        kind,
        heads: [commitId],
        message,
        commit: request.noCommit !== true,
      })
    }),
  )
}

async function chosenCommit(
  repository: Repository,
  { revision, mainline }: ApplyCommitRequest,
): Promise<{ commitId: ObjectId; commit: Commit; parent: ObjectId | undefined }> {
  const commitId = await resolveCommit(repository, revision)
  const commit = await repository.commit(commitId)
  const { parents } = commit
  const isMerge = parents.length > 1
  if (isMerge === (mainline === undefined) || (mainline ?? 1) > Math.max(1, parents.length))
    throw mainlineInvalid(revision, parents.length)
  return { commitId, commit, parent: parents[(mainline ?? 1) - 1] }
}
