import {
  decodeLocalState,
  type Head,
  type ObjectId,
  type Operation,
  readOperations,
} from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { operationUnknown } from '../errors.ts'
import { localTree } from '../stage/local-tree.ts'
import { afterMove, decodeWorkState, type WorkState } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import type { Repository, RepositoryState } from './repository.ts'

/**
 * Returns the operation whose id begins like this.
 *
 * @throws `DSV_OPERATION_UNKNOWN`
 */
export async function findOperation(repository: Repository, id: string): Promise<Operation> {
  for await (const operation of readOperations(repository.store))
    if (operation.id.startsWith(id)) return operation
  throw operationUnknown(id)
}

/**
 * Brings refs, HEAD, stage and working tree to what they were right after an operation. What is
 * written over is stored first; it is an operation itself, so `undo` takes it back.
 *
 * @throws `DSV_OPERATION_UNKNOWN`
 */
export async function restoreTo(repository: Repository, id: string): Promise<Operation> {
  const operation = await findOperation(repository, id)
  await withKnownBlobs(repository, async (known) =>
    repository.write(`restore operation ${operation.id}`, async (transaction) => {
      const { state } = transaction
      const goal = await stateAfter(repository, operation, state)
      const from = await localTree(repository, transaction, known, [''])
      const { files: to, datasets } = goal.work.stage
      const move = { from, to, datasets }
      await moveWorkingTree(repository, transaction, known, move, { force: true }, async (moved) =>
        transaction.publish({
          refs: goal.refs,
          head: goal.head,
          work: afterMove({ ...goal.work, moved: state.work.moved }, moved),
        }),
      )
    }),
  )
  return operation
}

/** What a repository looked like after an operation; the refs are those that differ from now. */
interface EarlierState {
  readonly refs: ReadonlyMap<string, ObjectId | undefined>
  readonly head: Head
  readonly work: WorkState
}

async function stateAfter(
  repository: Repository,
  goal: Operation,
  state: RepositoryState,
): Promise<EarlierState> {
  const refs = new Map<string, ObjectId | undefined>()
  let { head } = state
  let workId: ObjectId | undefined
  for await (const operation of readOperations(repository.store)) {
    if (operation.id === goal.id) break
    for (const { name, from } of operation.refs) refs.set(name, from)
    head = operation.head?.from ?? head
    workId = operation.local?.from ?? workId
  }
  return { refs, head, work: await workAt(repository, workId, goal, state) }
}

async function workAt(
  repository: Repository,
  workId: ObjectId | undefined,
  goal: Operation,
  state: RepositoryState,
): Promise<WorkState> {
  const id = goal.local?.to ?? workId
  if (id === undefined) return state.work
  const object = await repository.store.objects.getObject('operation', id)
  return decodeWorkState(decodeLocalState(id, object))
}
