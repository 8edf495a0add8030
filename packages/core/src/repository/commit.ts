import type { ObjectId } from '@dsv/store'
import { checkoutGoingOn } from '../checkout/checkout-journal.ts'
import type { Move } from '../checkout/move-working-tree.ts'
import { conflictsOpen, messageEmpty, nothingToCommit, stageMoved } from '../errors.ts'
import { openDatasets, type StoredDatasets } from '../inspect/read-datasets.ts'
import type { Json } from '../model/json.ts'
import { type Commit, encodeCommit, type Snapshot } from '../record/commit-record.ts'
import type { Signature } from '../record/signature.ts'
import { readConflicts } from '../stage/conflicts.ts'
import { afterMove } from '../stage/work-state.ts'
import { stageWorkingTree } from '../stage/stage-working-tree.ts'
import { agreeAfter } from '../working-tree/agree-after.ts'
import { type KeptBlobs, withKnownBlobs } from '../working-tree/known-blobs.ts'
import type { DateTime, Identity } from './environment.ts'
import { committedSnapshot, isSameContent } from './reformatted.ts'
import type { Repository, Transaction } from './repository.ts'

/** What a commit says beside its content. */
export interface CommitRequest {
  readonly message: string
  /** Stages every change of tracked files first. */
  readonly all?: boolean
  /** Allows a commit that changes nothing. */
  readonly allowEmpty?: boolean
  /** Replaces the last commit instead of following it. */
  readonly amend?: boolean
  readonly author?: Identity
  readonly authorTime?: DateTime
  readonly extra?: Readonly<Record<string, Json>>
  /** Looks at the datasets that changed, before they are committed; what it throws refuses the commit. */
  readonly inspect?: (changed: StoredDatasets) => Promise<void>
}

/** A commit that was made. */
export interface CommitOutcome {
  readonly commitId: ObjectId
  readonly commit: Commit
  /** The branch that moved; undefined when HEAD is detached. */
  readonly branch: string | undefined
}

/**
 * Records the stage as a commit and moves the branch that HEAD is on.
 *
 * @throws `DSV_COMMIT_EMPTY`, `DSV_COMMIT_MESSAGE_EMPTY`, `DSV_CONFLICTS_OPEN`, `DSV_REF_MOVED`
 */
export async function commit(
  repository: Repository,
  request: CommitRequest,
): Promise<CommitOutcome> {
  if (request.message.trim() === '') throw messageEmpty()
  // What is staged was read before: nothing has to be known of the files on disk.
  if (request.all !== true) return writeCommit(repository, request)
  return withKnownBlobs(repository, async (known) => writeCommit(repository, request, known))
}

/** Commits what is staged; with `known` all changes of tracked files are staged first. */
async function writeCommit(
  repository: Repository,
  request: CommitRequest,
  known?: KeptBlobs,
): Promise<CommitOutcome> {
  const subject = request.message.trim().split('\n', 1)[0] ?? ''
  return repository.write(`commit: ${subject}`, async (transaction) => {
    const before = transaction.state.work.stage
    const paths = { paths: [''], trackedOnly: true }
    const { stage } =
      known === undefined
        ? { stage: before }
        : await stageWorkingTree(repository, transaction, known, paths)
    await checkNoConflicts(transaction)
    const made = await makeCommit(repository, transaction, stage, request)
    // What was read may be a mixture when another process moves the working tree meanwhile.
    if (known !== undefined && checkoutGoingOn(repository) !== undefined) throw stageMoved()
    await publishCommit(transaction, made, stage)
    if (known !== undefined) agreeAfter(known, before.files, stage.files)
    return made
  })
}

async function checkNoConflicts({ session, state }: Transaction): Promise<void> {
  const conflicts = await readConflicts(session, state.work)
  if (conflicts.length > 0) throw conflictsOpen(conflicts.length)
}

async function makeCommit(
  repository: Repository,
  transaction: Transaction,
  stage: Snapshot,
  request: CommitRequest,
): Promise<CommitOutcome> {
  const { session, state } = transaction
  const last =
    state.headCommit === undefined ? undefined : await repository.commit(state.headCommit)
  const snapshot = await committedSnapshot(session, last, stage)
  const isMerge = state.work.merge?.kind === 'merge'
  const isUnchanged =
    last === undefined ? stage.files.count === 0 : await isSameContent(session, last, snapshot)
  if (isUnchanged && !isMerge && !mayBeEmpty(request)) throw nothingToCommit()
  if (request.inspect !== undefined) {
    const changed = [...snapshot.datasets].filter(([path, id]) => last?.datasets.get(path) !== id)
    const paths = changed.map(([path]) => path).toSorted()
    if (paths.length > 0)
      await request.inspect(await openDatasets(repository, session, snapshot, paths))
  }
  return commitSnapshot(repository, transaction, snapshot, {
    ...request,
    mergedHeads: isMerge ? (state.work.merge?.heads ?? []) : [],
    ...(request.amend === true && last !== undefined && { replaces: last }),
  })
}

/** A commit of a given snapshot. */
export interface SnapshotCommit extends Pick<
  CommitRequest,
  'message' | 'author' | 'authorTime' | 'extra'
> {
  /** Further parents: the commits that were merged. */
  readonly mergedHeads: readonly ObjectId[]
  /** The commit in whose place it comes; its author stays. */
  readonly replaces?: Commit
}

/** Stores a commit on top of HEAD. Nobody sees it before it is published. */
export async function commitSnapshot(
  repository: Repository,
  { session, state }: Transaction,
  snapshot: Snapshot,
  request: SnapshotCommit,
): Promise<CommitOutcome> {
  const { user, now } = repository.environment
  const { replaces } = request
  const author = signature(request.author ?? user, request.authorTime ?? now())
  const first = state.headCommit === undefined ? [] : [state.headCommit]
  const made: Commit = {
    ...snapshot,
    parents: replaces?.parents ?? [...first, ...request.mergedHeads],
    author: request.author === undefined ? (replaces?.author ?? author) : author,
    committer: signature(user, now()),
    message: withFinalNewline(request.message),
    extra: request.extra ?? {},
  }
  const commitId = await session.putObject('commit', encodeCommit(made))
  const branch = state.head.type === 'branch' ? state.head.name : undefined
  return { commitId, commit: made, branch }
}

function mayBeEmpty({ allowEmpty, amend }: CommitRequest): boolean {
  return allowEmpty === true || amend === true
}

/** Publishes a commit on the branch that HEAD is on, or as the detached HEAD. */
export async function publishCommit(
  transaction: Transaction,
  { commitId, commit: made }: CommitOutcome,
  stage: Snapshot,
  move?: Move,
): Promise<void> {
  const { state } = transaction
  const formats = new Map(
    [...state.work.formats].filter(
      ([path]) => stage.datasets.get(path) !== made.datasets.get(path),
    ),
  )
  const work = { ...state.work, stage, merge: undefined, formats }
  await transaction.publish({
    ...(state.head.type === 'branch'
      ? { refs: new Map([[state.head.name, commitId]]) }
      : { head: { type: 'detached', commit: commitId } }),
    work: move === undefined ? work : afterMove(work, move),
  })
}

/** Returns who did something and when, as commits keep it. */
export function signature(who: Identity, when: DateTime): Signature {
  return { ...who, timeSeconds: when.seconds, tzMinutes: when.offsetMinutes }
}

function withFinalNewline(message: string): string {
  return `${message.trimEnd()}\n`
}
