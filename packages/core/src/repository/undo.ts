import {
  decodeLocalState,
  type ObjectId,
  type Operation,
  readOperations,
  type TreeRef,
  undoOperation,
} from '@dsv/store'
import { moveWorkingTree } from '../checkout/move-working-tree.ts'
import { nothingToUndo, operationUnknown } from '../errors.ts'
import { decodeWorkState, type WorkState } from '../stage/work-state.ts'
import { withKnownBlobs } from '../working-tree/known-blobs.ts'
import { operationInfo, type Repository } from './repository.ts'

/**
 * Takes back the last operation that is still in effect, or the one of that id: refs, HEAD and stage
 * are what they were, and so are the files that the operation wrote. Undoing an undo is a redo.
 * Returns the operation that was taken back.
 *
 * @throws `DSV_UNDO_EMPTY`, `DSV_OPERATION_UNKNOWN`, `DSV_UNDO_CONFLICT`, `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function undo(repository: Repository, operationId?: string): Promise<Operation> {
  const operation = await chooseOperation(repository, operationId)
  const move = await moveOf(repository, operation)
  const info = operationInfo(repository.environment, `undo: ${operation.description}`)
  const publish = async (): Promise<void> => {
    await undoOperation(repository.store, operation.id, info)
  }
  if (move === undefined) await publish()
  else
    await withKnownBlobs(repository, async (known) =>
      repository.write(info.description, async (transaction) =>
        moveWorkingTree(repository, transaction, known, move, { hint: IN_THE_WAY }, publish),
      ),
    )
  return operation
}

/** A commit or a stash would be what is undone next. */
const IN_THE_WAY = 'Move them out of the repository or rename them, then undo again.'

async function chooseOperation(
  repository: Repository,
  operationId: string | undefined,
): Promise<Operation> {
  const undone = new Set<ObjectId>()
  for await (const operation of readOperations(repository.store)) {
    if (operationId !== undefined) {
      if (operation.id.startsWith(operationId)) return operation
      continue
    }
    for (const id of operation.undoes) undone.add(id)
    if (operation.type !== 'undo' && !undone.has(operation.id)) return operation
  }
  throw operationId === undefined ? nothingToUndo() : operationUnknown(operationId)
}

/** The files that undoing an operation takes the working tree from and to. */
async function moveOf(
  repository: Repository,
  operation: Operation,
): Promise<{ from: TreeRef; to: TreeRef } | undefined> {
  const before = (await stateAt(repository, operation.local?.from))?.moved
  const after = (await stateAt(repository, operation.local?.to))?.moved
  const [old, now] = [before?.serial ?? 0, after?.serial ?? 0]
  if (after !== undefined && now > old) return { from: after.to, to: after.from }
  // The operation was an undo itself, and took back this move.
  if (before !== undefined && now < old) return { from: before.from, to: before.to }
  return undefined
}

async function stateAt(
  repository: Repository,
  stateId: ObjectId | undefined,
): Promise<WorkState | undefined> {
  if (stateId === undefined) return undefined
  const object = await repository.store.objects.getObject('operation', stateId)
  return decodeWorkState(decodeLocalState(stateId, object))
}
