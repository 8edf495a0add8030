import { diffTrees, editTree, type ObjectId, type TreeEdit, type WriteSession } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { nothingCommitted, nothingToStash, stashUnknown } from '../errors.ts'
import type { Commit, Snapshot } from '../record/commit-record.ts'
import { encodeCommit } from '../record/commit-record.ts'
import { writeConflicts } from '../stage/conflicts.ts'
import { stageWorkingTree } from '../stage/stage-working-tree.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { signature } from './commit.ts'
import { checkReady, type MergeResult } from './merge.ts'
import { mergeSnapshots } from './merge-snapshots.ts'
import { isSameContent } from './reformatted.ts'
import { workingSnapshot } from './render-dataset.ts'
import type { Repository, Transaction } from './repository.ts'
import { snapshotOf } from './snapshot-of.ts'

const REF = 'refs/stash'

/**
 * Something put away. It is a commit of the working tree whose first parent is the HEAD of that time;
 * the second, when there is one, is the entry below it on the stack.
 */
export interface StashEntry {
  /** 0 is the newest. */
  readonly position: number
  readonly commitId: ObjectId
  readonly commit: Commit
}

/** Returns what was put away, newest first. */
export async function stashEntries(repository: Repository): Promise<readonly StashEntry[]> {
  const entries: StashEntry[] = []
  let next = (await repository.state()).refs.get(REF)
  while (next !== undefined) {
    const commit = await repository.commit(next)
    entries.push({ position: entries.length, commitId: next, commit })
    next = commit.parents[1]
  }
  return entries
}

/**
 * Puts away all changes of tracked files, staged or not: stage and working tree are what HEAD holds
 * afterwards.
 *
 * @throws `DSV_STASH_EMPTY`, `DSV_HISTORY_EMPTY`, `DSV_MERGE_PENDING`
 */
export async function stashPush(repository: Repository, message?: string): Promise<StashEntry> {
  return withKnownBlobs(repository, async (known) =>
    repository.write('stash', async (transaction) => {
      const { state, session, publish } = transaction
      const { headCommit } = state
      if (headCommit === undefined) throw nothingCommitted()
      const request = { paths: [''], trackedOnly: true }
      const { stage } = await stageWorkingTree(repository, transaction, known, request)
      const last = await repository.commit(headCommit)
      if (await isSameContent(session, last, stage)) throw nothingToStash()
      const goal = await workingSnapshot(repository, session, last, state.work.formats)
      const branch =
        state.head.type === 'branch' ? state.head.name.slice('refs/heads/'.length) : 'HEAD'
      const subject = last.message.split('\n', 1)[0] ?? ''
      const entry = await putEntry(repository, session, {
        snapshot: stage,
        head: headCommit,
        below: state.refs.get(REF),
        message: message ?? `WIP on ${branch}: ${subject}`,
      })
      const move = { from: stage.files, to: goal.files, datasets: goal.datasets }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        publish({
          refs: new Map([[REF, entry.commitId]]),
          work: afterMove({ ...state.work, stage: goal, merge: undefined }, moved),
        }),
      )
      return entry
    }),
  )
}

async function putEntry(
  repository: Repository,
  session: WriteSession,
  entry: {
    readonly snapshot: Snapshot
    readonly head: ObjectId
    readonly below: ObjectId | undefined
    readonly message: string
  },
): Promise<StashEntry> {
  const { user, now } = repository.environment
  const who = signature(user, now())
  const commit: Commit = {
    ...entry.snapshot,
    parents: entry.below === undefined ? [entry.head] : [entry.head, entry.below],
    author: who,
    committer: who,
    message: `${entry.message.trimEnd()}\n`,
    extra: {},
  }
  const commitId = await session.putObject('commit', encodeCommit(commit))
  return { position: 0, commitId, commit }
}

/**
 * Brings back what was put away, as a merge into what is there: edits come back unstaged, new files
 * staged. Conflicts wait for `resolve`. With `drop` the entry is gone afterwards, unless there were
 * conflicts.
 *
 * @throws `DSV_STASH_UNKNOWN`, `DSV_STAGE_NOT_CLEAN`, `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function stashApply(
  repository: Repository,
  { position = 0, drop = false }: { readonly position?: number; readonly drop?: boolean } = {},
): Promise<MergeResult> {
  const entry = await entryAt(repository, position)
  return withKnownBlobs(repository, async (known) =>
    repository.write(`stash ${drop ? 'pop' : 'apply'}`, async (transaction) => {
      const { state, session, publish } = transaction
      await checkReady(repository, transaction)
      const { stage } = state.work
      const shown = async (id: ObjectId | undefined): Promise<Snapshot> =>
        workingSnapshot(repository, session, await snapshotOf(repository, id), state.work.formats)
      const merged = await mergeSnapshots(repository, session, {
        base: await shown(entry.commit.parents[0]),
        ours: stage,
        theirs: entry.commit,
      })
      const { conflicts, losses, sourceIdChanges } = merged
      const hasConflicts = conflicts.length > 0
      const merge = {
        kind: 'cherry-pick' as const,
        heads: [entry.commitId],
        message: entry.commit.message,
        conflicts: await writeConflicts(session, conflicts),
      }
      const next = hasConflicts
        ? merged.snapshot
        : await withNewFiles(session, stage, merged.snapshot)
      const refs =
        drop && !hasConflicts ? await withoutEntry(repository, transaction, position) : undefined
      const { files: to, datasets } = merged.snapshot
      const move = { from: stage.files, to, datasets }
      await moveWorkingTree(repository, transaction, known, move, {}, async (moved) =>
        publish({
          ...(refs !== undefined && { refs }),
          work: afterMove(
            { ...state.work, stage: next, merge: hasConflicts ? merge : undefined },
            moved,
          ),
        }),
      )
      const type = hasConflicts ? 'conflicts' : 'staged'
      return { type, commitId: undefined, conflicts, losses, sourceIdChanges }
    }),
  )
}

/** The stage with the files and datasets that only the other snapshot has. */
async function withNewFiles(
  session: WriteSession,
  stage: Snapshot,
  other: Snapshot,
): Promise<Snapshot> {
  const edits: TreeEdit[] = []
  for await (const { key, from, to } of diffTrees(session, stage.files, other.files))
    if (from === undefined) edits.push({ key, entry: to })
  const datasets = new Map(stage.datasets)
  for (const [path, id] of other.datasets) if (!datasets.has(path)) datasets.set(path, id)
  return { files: await editTree(session, stage.files, edits), datasets }
}

/** Forgets an entry. @throws `DSV_STASH_UNKNOWN` */
export async function stashDrop(repository: Repository, position = 0): Promise<StashEntry> {
  const entry = await entryAt(repository, position)
  await repository.write(`stash drop ${position}`, async (transaction) =>
    transaction.publish({ refs: await withoutEntry(repository, transaction, position) }),
  )
  return entry
}

async function entryAt(repository: Repository, position: number): Promise<StashEntry> {
  const entries = await stashEntries(repository)
  const entry = entries[position]
  if (entry === undefined) throw stashUnknown(position, entries.length)
  return entry
}

/** The stack without one entry: those above it are put on what is below. */
async function withoutEntry(
  repository: Repository,
  { session }: Transaction,
  position: number,
): Promise<Map<string, ObjectId | undefined>> {
  const entries = await stashEntries(repository)
  let top = entries[position]?.commit.parents[1]
  for (const { commit } of entries.slice(0, position).toReversed()) {
    const [head] = commit.parents
    const parents = [head, top].flatMap((id) => id ?? [])
    top = await session.putObject('commit', encodeCommit({ ...commit, parents }))
  }
  return new Map([[REF, top]])
}
