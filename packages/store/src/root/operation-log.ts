import { isDsvError } from '../dsv-error.ts'
import { operationNotFound, undoConflict } from '../errors.ts'
import type { ObjectId } from '../hash/object-id.ts'
import type { ObjectReader, StoredObject } from '../object/object-store.ts'
import {
  decodeLocalState,
  decodeOperation,
  encodeLocalState,
  type Operation,
  type OperationInfo,
} from './operation.ts'
import type { Head, RootView } from './root-record.ts'
import { isSameHead, type RootUpdate } from './root-update.ts'
import type { WriteSession } from './write-session.ts'

/** The part of a store that the log needs. */
export interface LoggedStore {
  readonly objects: ObjectReader
  readRoot(): Promise<RootView>
  write<Result>(
    info: OperationInfo,
    work: (session: WriteSession) => Promise<Result>,
  ): Promise<Result>
}

/**
 * Lists operations, newest first, as far back as they are kept.
 *
 * @yields one operation
 * @throws `DSV_OPERATION_CORRUPT`
 */
export async function* readOperations(
  store: Pick<LoggedStore, 'objects' | 'readRoot'>,
  options: { readonly limit?: number } = {},
): AsyncGenerator<Operation, void, undefined> {
  const { operationHead } = await store.readRoot()
  yield* walkOperations(store.objects, operationHead, options.limit ?? Number.POSITIVE_INFINITY)
}

/**
 * Lists operations from `head` back, at most `limit`; ends where the log was cut off.
 *
 * @yields one operation
 */
export async function* walkOperations(
  objects: ObjectReader,
  head: ObjectId | undefined,
  limit: number,
): AsyncGenerator<Operation, void, undefined> {
  let next = head
  for (let count = 0; next !== undefined && count < limit; count += 1) {
    const stored = await getIfThere(objects, next)
    if (stored === undefined) return
    const operation = decodeOperation(next, stored)
    yield operation
    next = operation.previous
  }
}

/** The newest entry was read from the root, so only older ones may be missing: gc cuts the log. */
async function getIfThere(
  objects: ObjectReader,
  operationId: ObjectId,
): Promise<StoredObject | undefined> {
  try {
    return await objects.getObject('operation', operationId)
  } catch (error) {
    if (isDsvError(error, 'DSV_OBJECT_NOT_FOUND')) return undefined
    throw error
  }
}

/**
 * Takes back the newest `target` operations that are still in effect (undo operations, and what they
 * took back, do not count), or the one operation of that id. It is an operation itself: undoing it by
 * its id is a redo.
 *
 * @throws `DSV_UNDO_CONFLICT` when something it changed has changed otherwise since,
 *   `DSV_OPERATION_NOT_FOUND`
 */
export async function undoOperation(
  store: LoggedStore,
  target: number | ObjectId,
  info: OperationInfo,
): Promise<RootView> {
  return store.write(info, (session) =>
    session.publish(async (root) => {
      const log = walkOperations(session, root.operationHead, Number.POSITIVE_INFINITY)
      const targets =
        typeof target === 'number' ? await newestInEffect(log, target) : [await find(log, target)]
      return planUndo(session, root, targets)
    }),
  )
}

/**
 * Takes back the newest undo, unless something else was done after it.
 *
 * @throws `DSV_OPERATION_NOT_FOUND` when there is nothing to redo, `DSV_UNDO_CONFLICT`
 */
export async function redoOperation(store: LoggedStore, info: OperationInfo): Promise<RootView> {
  return store.write(info, (session) =>
    session.publish(async (root) => {
      const log = walkOperations(session, root.operationHead, Number.POSITIVE_INFINITY)
      return planUndo(session, root, [await newestUndo(log)])
    }),
  )
}

/**
 * Brings refs, head and working state to what they were right after an operation.
 *
 * @throws `DSV_OPERATION_NOT_FOUND`
 */
export async function restoreOperation(
  store: LoggedStore,
  operationId: ObjectId,
  info: OperationInfo,
): Promise<RootView> {
  return store.write(info, (session) =>
    session.publish(async (root) => {
      const state = await readState(session, root)
      const log = walkOperations(session, root.operationHead, Number.POSITIVE_INFINITY)
      for await (const operation of log) {
        if (operation.id === operationId)
          return { ...(await updateTo(session, root, state)), type: 'restore' }
        takeBack(state, operation)
      }
      throw operationNotFound(`operation ${operationId}`)
    }),
  )
}

async function newestInEffect(log: AsyncIterable<Operation>, count: number): Promise<Operation[]> {
  const cancelled = new Set<ObjectId>()
  const found: Operation[] = []
  for await (const operation of log) {
    if (found.length === count) break
    if (cancelled.has(operation.id)) continue
    if (operation.undoes.length === 0) found.push(operation)
    for (const id of operation.undoes) cancelled.add(id)
  }
  if (found.length < count) throw operationNotFound(`${count} operations to undo`)
  return found
}

async function newestUndo(log: AsyncIterable<Operation>): Promise<Operation> {
  const cancelled = new Set<ObjectId>()
  for await (const operation of log) {
    if (cancelled.has(operation.id)) continue
    if (operation.type === 'undo') return operation
    if (operation.type !== 'redo') break
    for (const id of operation.undoes) cancelled.add(id)
  }
  throw operationNotFound('undo to take back')
}

async function find(log: AsyncIterable<Operation>, operationId: ObjectId): Promise<Operation> {
  for await (const operation of log) if (operation.id === operationId) return operation
  throw operationNotFound(`operation ${operationId}`)
}

/** What operations change, with the working state as the id of the object that holds it. */
interface LogState {
  readonly refs: Map<string, ObjectId>
  head: Head | undefined
  local: ObjectId | undefined
}

async function readState(session: WriteSession, root: RootView): Promise<LogState> {
  const local = root.local && (await session.putObject('operation', encodeLocalState(root.local)))
  return { refs: new Map(root.refs), head: root.head, local }
}

async function planUndo(
  session: WriteSession,
  root: RootView,
  operations: readonly Operation[],
): Promise<RootUpdate> {
  const state = await readState(session, root)
  for (const operation of operations) {
    checkInEffect(state, operation)
    takeBack(state, operation)
  }
  const isRedo = operations.every(({ type }) => type === 'undo')
  const undoes = operations.map(({ id }) => id)
  return { ...(await updateTo(session, root, state)), type: isRedo ? 'redo' : 'undo', undoes }
}

function checkInEffect(state: LogState, operation: Operation): void {
  for (const { name, to } of operation.refs) {
    if (state.refs.get(name) !== to) throw undoConflict(operation.id, name)
  }
  if (operation.head !== undefined && !isSameHead(state.head, operation.head.to)) {
    throw undoConflict(operation.id, 'HEAD')
  }
  if (operation.local !== undefined && state.local !== operation.local.to) {
    throw undoConflict(operation.id, 'the stage')
  }
}

function takeBack(state: LogState, operation: Operation): void {
  for (const { name, from } of operation.refs) {
    if (from === undefined) state.refs.delete(name)
    else state.refs.set(name, from)
  }
  if (operation.head !== undefined) state.head = operation.head.from
  if (operation.local !== undefined) state.local = operation.local.from
}

async function updateTo(
  session: WriteSession,
  root: RootView,
  state: LogState,
): Promise<RootUpdate> {
  const names = new Set([...root.refs.keys(), ...state.refs.keys()])
  const refs = [...names].map((name) => ({
    name,
    from: root.refs.get(name),
    to: state.refs.get(name),
  }))
  const local = state.local && (await session.getObject('operation', state.local))
  return {
    refs: refs.filter(({ from, to }) => from !== to),
    head: state.head ?? null,
    local:
      local === undefined || state.local === undefined
        ? null
        : decodeLocalState(state.local, local),
  }
}
