import type { ObjectId, WriteSession } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { branchDiverged, mergePending, nothingPending, stageNotClean } from '../errors.ts'
import type { Loss } from '../format/format-adapter.ts'
import { mergeBases } from '../history/merge-base.ts'
import type { Conflict, Favour } from '../merge/conflict.ts'
import type { SourceIdChange } from '../merge/merge-schema.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { writeConflicts } from '../stage/conflicts.ts'
import { afterMove, type PendingMerge } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { commitSnapshot, publishCommit } from './commit.ts'
import { mergeSnapshots, type SnapshotMerge } from './merge-snapshots.ts'
import { isSameContent } from './reformatted.ts'
import { workingSnapshot } from './render-dataset.ts'
import type { Repository, RepositoryState, Transaction } from './repository.ts'
import { repositoryCommits, resolveCommit } from './revisions.ts'
import { EMPTY_SNAPSHOT, snapshotOf } from './snapshot-of.ts'

/** What to merge, and how. */
export interface MergeRequest {
  readonly revision: string
  /** Default: `Merge <revision>`. */
  readonly message?: string
  /** Takes this side of every conflict. */
  readonly favour?: Favour
  /** Refuses when HEAD cannot simply move forward. */
  readonly ffOnly?: boolean
  /** Makes a merge commit even when HEAD could simply move forward. */
  readonly noFf?: boolean
  /** Stops before the commit. */
  readonly noCommit?: boolean
}

/** The result of a merge, a cherry-pick or a revert. */
export interface MergeResult {
  readonly type: 'up-to-date' | 'fast-forward' | 'merged' | 'staged' | 'conflicts'
  /** The commit that HEAD names now; undefined when nothing was committed. */
  readonly commitId: ObjectId | undefined
  readonly conflicts: readonly Conflict[]
  /** What the files of a dataset cannot hold of what came from the other side. */
  readonly losses: readonly Loss[]
  readonly sourceIdChanges: readonly SourceIdChange[]
}

/**
 * Joins a revision into HEAD: files by path, datasets item by item and annotation by annotation.
 * Conflicts do not stop it: everything else is merged, the conflicts wait in the stage for
 * `resolve`.
 *
 * @throws `DSV_REVISION_UNKNOWN`, `DSV_MERGE_PENDING`, `DSV_STAGE_NOT_CLEAN`, `DSV_BRANCH_DIVERGED`,
 *   `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function merge(repository: Repository, request: MergeRequest): Promise<MergeResult> {
  const theirs = await resolveCommit(repository, request.revision)
  return withKnownBlobs(repository, async (known) =>
    repository.write(`merge ${request.revision}`, async (transaction) => {
      const { state, session } = transaction
      await checkReady(repository, transaction)
      const { headCommit } = state
      const commits = repositoryCommits(repository)
      const bases = headCommit === undefined ? [] : await mergeBases(commits, headCommit, theirs)
      if (headCommit !== undefined && bases.includes(theirs))
        return outcome('up-to-date', headCommit)
      const canForward = headCommit === undefined || bases.includes(headCommit)
      if (canForward && request.noFf !== true && request.noCommit !== true) {
        const goal = await shown(repository, session, state, await snapshotOf(repository, theirs))
        const move = { from: state.work.stage.files, to: goal.files, datasets: goal.datasets }
        await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
          transaction.publish({
            ...headMove(state, theirs),
            work: afterMove({ ...state.work, stage: goal }, moved),
          }),
        )
        return outcome('fast-forward', theirs)
      }
      if (request.ffOnly === true) throw branchDiverged(request.revision)
      const merged = await mergeSnapshots(
        repository,
        session,
        {
          base: await virtualBase(repository, session, bases),
          ours: await snapshotOf(repository, headCommit),
          theirs: await snapshotOf(repository, theirs),
        },
        request.favour === undefined ? {} : { favour: request.favour },
      )
      return finishMerge(repository, transaction, known, merged, {
        kind: 'merge',
        heads: [theirs],
        message: request.message ?? `Merge ${request.revision}`,
        commit: request.noCommit !== true,
      })
    }),
  )
}

/** What is done with a merged snapshot. */
export interface MergeEnd {
  readonly kind: PendingMerge['kind']
  readonly heads: readonly ObjectId[]
  readonly message: string
  /** Commits when there is no conflict; else the result is staged. */
  readonly commit: boolean
}

/** Brings a merged snapshot into the stage and the working tree, and commits it when it is clean. */
export async function finishMerge(
  repository: Repository,
  transaction: Transaction,
  known: Parameters<typeof moveWorkingTree>[2],
  merged: SnapshotMerge,
  { kind, heads, message, commit }: MergeEnd,
): Promise<MergeResult> {
  const { state, session } = transaction
  const { conflicts, losses, sourceIdChanges } = merged
  const stage = await shown(repository, session, state, merged.snapshot)
  const move = { from: state.work.stage.files, to: stage.files, datasets: stage.datasets }
  const isDone = conflicts.length === 0 && commit
  const made = isDone
    ? await commitSnapshot(repository, transaction, merged.snapshot, {
        message,
        mergedHeads: kind === 'merge' ? heads : [],
      })
    : undefined
  const pending: PendingMerge | undefined = isDone
    ? undefined
    : { kind, heads, message, conflicts: await writeConflicts(session, conflicts) }
  await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
    made === undefined
      ? transaction.publish({ work: afterMove({ ...state.work, stage, merge: pending }, moved) })
      : publishCommit(transaction, made, stage, moved),
  )
  const type = isDone ? 'merged' : conflicts.length === 0 ? 'staged' : 'conflicts'
  return { type, commitId: made?.commitId, conflicts, losses, sourceIdChanges }
}

/**
 * Gives up a merge, cherry-pick or revert that waits for `resolve`: stage and working tree become what
 * HEAD holds.
 *
 * @throws `DSV_MERGE_NONE`
 */
export async function abortMerge(repository: Repository): Promise<PendingMerge['kind']> {
  return withKnownBlobs(repository, async (known) =>
    repository.write('abort the merge', async (transaction) => {
      const { state, session } = transaction
      const { merge: pending } = state.work
      if (pending === undefined) throw nothingPending()
      const last = await snapshotOf(repository, state.headCommit)
      const goal = await shown(repository, session, state, last)
      const move = { from: state.work.stage.files, to: goal.files, datasets: goal.datasets }
      await moveWorkingTree(repository, transaction, known, move, { force: true }, async (moved) =>
        transaction.publish({
          work: afterMove({ ...state.work, stage: goal, merge: undefined }, moved),
        }),
      )
      return pending.kind
    }),
  )
}

/**
 * Refuses to merge into something that is not committed: after a merge nobody could tell the two apart.
 *
 * @throws `DSV_MERGE_PENDING`, `DSV_STAGE_NOT_CLEAN`
 */
export async function checkReady(
  repository: Repository,
  { state, session }: Transaction,
): Promise<void> {
  if (state.work.merge !== undefined) throw mergePending(state.work.merge.kind)
  const last = await snapshotOf(repository, state.headCommit)
  if (!(await isSameContent(session, last, state.work.stage))) throw stageNotClean()
}

/** A snapshot in the formats that the working tree shows it in. */
async function shown(
  repository: Repository,
  session: WriteSession,
  state: RepositoryState,
  snapshot: Snapshot,
): Promise<Snapshot> {
  return workingSnapshot(repository, session, snapshot, state.work.formats)
}

/** How HEAD, or the branch it is on, goes to a commit. */
export function headMove(
  { head }: RepositoryState,
  commitId: ObjectId,
): Pick<Parameters<Transaction['publish']>[0], 'refs' | 'head'> {
  return head.type === 'branch'
    ? { refs: new Map([[head.name, commitId]]) }
    : { head: { type: 'detached', commit: commitId } }
}

function outcome(type: MergeResult['type'], commitId: ObjectId): MergeResult {
  return { type, commitId, conflicts: [], losses: [], sourceIdChanges: [] }
}

/**
 * Returns the base of a merge. Histories that crossed have several best common ancestors: these are
 * merged themselves first, ours winning where they disagree.
 */
async function virtualBase(
  repository: Repository,
  session: WriteSession,
  bases: readonly ObjectId[],
): Promise<Snapshot> {
  const [first, ...others] = bases
  if (first === undefined) return EMPTY_SNAPSHOT
  let merged = await snapshotOf(repository, first)
  let known: readonly ObjectId[] = [first]
  for (const other of others) {
    const deeper = new Set<ObjectId>()
    for (const each of known)
      for (const base of await mergeBases(repositoryCommits(repository), each, other))
        deeper.add(base)
    const sides = {
      base: await virtualBase(repository, session, [...deeper]),
      ours: merged,
      theirs: await snapshotOf(repository, other),
    }
    merged = (await mergeSnapshots(repository, session, sides, { favour: 'ours' })).snapshot
    known = [...known, other]
  }
  return merged
}
