import type { Head, ObjectId } from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { branchExists, branchUnknown, mergePending } from '../errors.ts'
import { resolveCommit } from './revisions.ts'
import { localTree } from '../stage/local-tree.ts'
import { afterMove } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { carryStage } from './carry-stage.ts'
import type { Repository } from './repository.ts'
import { workingSnapshot } from './render-dataset.ts'
import { snapshotOf } from './snapshot-of.ts'
import type { Snapshot } from '../record/commit-record.ts'

/** Where to go. */
export interface SwitchRequest {
  /** A branch; with `detach` any revision. */
  readonly target: string
  /** Makes the branch first, at `start` (default HEAD). */
  readonly create?: boolean
  readonly start?: string
  /** Goes to a commit instead of a branch. */
  readonly detach?: boolean
  /** Drops local changes; `undo` brings them back. */
  readonly force?: boolean
}

/** Where HEAD stands after a switch. */
export interface SwitchOutcome {
  readonly head: Head
  readonly commitId: ObjectId | undefined
}

/**
 * Moves HEAD and the working tree to a branch or commit. Changes that are not committed go along where
 * both sides have the same file; otherwise nothing happens.
 *
 * @throws `DSV_BRANCH_UNKNOWN`, `DSV_BRANCH_EXISTS`, `DSV_CHECKOUT_WOULD_OVERWRITE`,
 *   `DSV_MERGE_PENDING`, `DSV_REVISION_UNKNOWN`
 */
export async function switchTo(
  repository: Repository,
  request: SwitchRequest,
): Promise<SwitchOutcome> {
  return withKnownBlobs(repository, async (known) =>
    repository.write(`switch to ${request.target}`, async (transaction) => {
      const { state, session, publish } = transaction
      if (state.work.merge !== undefined && request.force !== true)
        throw mergePending(state.work.merge.kind)
      const { head, commitId, isNew } = await destination(repository, transaction.state, request)
      const refs =
        isNew && head.type === 'branch' && commitId ? new Map([[head.name, commitId]]) : undefined
      if (commitId === state.headCommit && request.force !== true) {
        // The same commit under another name: stage and working tree stay as they are.
        await publish({ head, ...(refs && { refs }), work: state.work })
        return { head, commitId }
      }
      const shownAs = async (id: ObjectId | undefined): Promise<Snapshot> =>
        workingSnapshot(repository, session, await snapshotOf(repository, id), state.work.formats)
      const goal = await shownAs(commitId)
      const stage =
        request.force === true
          ? goal
          : await carryStage(session, {
              last: await shownAs(state.headCommit),
              stage: state.work.stage,
              goal,
            })
      const options = { force: request.force === true }
      const from = options.force
        ? await localTree(repository, transaction, known, [''])
        : state.work.stage.files
      const move = { from, to: stage.files, datasets: stage.datasets }
      await moveWorkingTree(repository, transaction, known, move, options, async (moved) =>
        publish({
          head,
          ...(refs && { refs }),
          work: afterMove({ ...state.work, stage, merge: undefined }, moved),
        }),
      )
      return { head, commitId }
    }),
  )
}

async function destination(
  repository: Repository,
  state: Awaited<ReturnType<Repository['state']>>,
  request: SwitchRequest,
): Promise<{ head: Head; commitId: ObjectId | undefined; isNew: boolean }> {
  if (request.detach === true) {
    const commitId = await resolveCommit(repository, request.target)
    return { head: { type: 'detached', commit: commitId }, commitId, isNew: false }
  }
  const name = `refs/heads/${request.target}`
  const head: Head = { type: 'branch', name }
  const existing = state.refs.get(name)
  if (request.create === true) {
    if (existing !== undefined) throw branchExists(request.target)
    const start = request.start ?? 'HEAD'
    const commitId = start === 'HEAD' ? state.headCommit : await resolveCommit(repository, start)
    return { head, commitId, isNew: true }
  }
  if (existing === undefined && state.head.type === 'branch' && state.head.name === name)
    return { head, commitId: undefined, isNew: false }
  if (existing === undefined) throw branchUnknown(request.target, state.refs)
  return { head, commitId: existing, isNew: false }
}
