import { isDsvError } from '../dsv-error.ts'
import type { StorageDriver } from '../driver/storage-driver.ts'
import {
  objectNotFound,
  refMoved,
  type RefMover,
  repositoryNotFound,
  rootBusy,
  rootCorrupt,
} from '../errors.ts'
import { ROOT_COPY_PATH, ROOT_PATH } from '../layout.ts'
import type { ObjectId } from '../hash/object-id.ts'
import type { ObjectStore } from '../object/object-store.ts'
import { decodeRoot, encodeReadableRoot, MAX_ROOT_BYTES, ROOT_TOO_LARGE } from './encode-root.ts'
import {
  encodeLocalState,
  encodeOperation,
  type OperationInfo,
  type OperationRecord,
} from './operation.ts'
import { walkOperations } from './operation-log.ts'
import { keepRootCopy } from './root-copy.ts'
import type { RootRecord } from './root-record.ts'
import { type MovedRef, type PlannedUpdate, planUpdate, type RootUpdate } from './root-update.ts'

const MAX_ATTEMPTS = 50
/** How often one swap is sent when nobody answers. */
const MAX_SENDS = 3

/** A root record with the version that its swap compares. */
export interface VersionedRoot {
  readonly record: RootRecord
  readonly version: string
}

/** Reads the root. @throws `DSV_REPOSITORY_NOT_FOUND`, `DSV_ROOT_CORRUPT`, `DSV_REPOSITORY_NEWER` */
export async function readRootRecord(driver: StorageDriver): Promise<VersionedRoot> {
  // Looking first costs nothing in a folder; other storages read no more than they can bear.
  if (driver.localFolder !== undefined) {
    const sizeBytes = (await driver.sizeOf(ROOT_PATH)) ?? 0
    if (sizeBytes > MAX_ROOT_BYTES) throw rootCorrupt(driver.location, ROOT_TOO_LARGE)
  }
  const found = await driver.readVersioned(ROOT_PATH)
  if (found === undefined) throw await missingRoot(driver)
  return { record: decodeRoot(found.bytes, driver.location), version: found.version }
}

async function missingRoot(driver: StorageDriver): Promise<Error> {
  if ((await driver.sizeOf(ROOT_COPY_PATH)) === undefined)
    return repositoryNotFound(driver.location)
  return rootCorrupt(driver.location, 'The file is gone')
}

/**
 * Changes the root by compare-and-swap: `change` makes the next record from the current one, and is
 * called again when another writer was faster. Undefined leaves the root as it is.
 *
 * @throws `DSV_ROOT_BUSY` and what `change` throws
 */
export async function swapRoot(
  driver: StorageDriver,
  newTxid: () => string,
  change: (root: RootRecord) => Promise<RootRecord | undefined>,
): Promise<RootRecord> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const { record, version } = await readRootRecord(driver)
    const changed = await change(record)
    if (changed === undefined) return record
    const next = { ...changed, generation: record.generation + 1, txid: newTxid() }
    if (await trySwap(driver, version, next)) return next
  }
  throw rootBusy(driver.location, MAX_ATTEMPTS)
}

/**
 * An answer that got lost looks like a failure or a conflict: the txid tells whether it is one. While the
 * root is as it was, the same bytes may be sent again, for only one of them can get there.
 */
async function trySwap(driver: StorageDriver, version: string, next: RootRecord): Promise<boolean> {
  const bytes = encodeReadableRoot(next)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await driver.replaceIf(ROOT_PATH, version, bytes)
      await keepRootCopy(driver, bytes)
      return true
    } catch (error) {
      if (!isDsvError(error)) throw error
      const found = await readRootRecord(driver)
      if (found.record.txid === next.txid) return true
      if (error.code === 'DSV_STORAGE_CONFLICT' || found.version !== version) return false
      if (error.code !== 'DSV_STORAGE_FAILED' || attempt === MAX_SENDS) throw error
    }
  }
}

/** What {@link applyUpdate} needs of a session. */
export interface UpdateContext {
  readonly location: string
  readonly session: ObjectStore
  readonly info: OperationInfo
}

/**
 * Applies an update to a root and stores its operation. Returns undefined when nothing changes.
 *
 * @throws `DSV_REF_MOVED`, `DSV_REF_NAME_INVALID`, `DSV_OBJECT_NOT_FOUND`
 */
export async function applyUpdate(
  context: UpdateContext,
  root: RootRecord,
  update: RootUpdate,
): Promise<RootRecord | undefined> {
  const plan = planUpdate(root, update)
  const [moved] = plan.moved
  if (moved !== undefined) throw await nameMover(context, root, moved)
  await checkTargets(context, plan)
  const settings = { ...root.settings, ...update.settings }
  const hasOperation =
    plan.changed.some(({ name }) => isLogged(name)) || plan.isHeadChanged || plan.isLocalChanged
  if (!hasOperation) {
    const isSame = plan.changed.length === 0 && update.settings === undefined
    return isSame ? undefined : { ...root, refs: plan.refs, settings }
  }
  const operation = await describe(context, root, { plan, update })
  const operationHead = await context.session.putObject('operation', encodeOperation(operation))
  return { ...root, refs: plan.refs, head: plan.head, local: plan.local, operationHead, settings }
}

/** What only spares work is not taken back: undo leaves the run cache as it is. */
function isLogged(refName: string): boolean {
  return !refName.startsWith('refs/dsv/')
}

async function nameMover(
  context: UpdateContext,
  root: RootRecord,
  moved: MovedRef,
): Promise<Error> {
  const ids = { expected: moved.from, actual: moved.actual }
  return refMoved(moved.name, ids, await findMover(context.session, root, moved))
}

async function findMover(
  session: ObjectStore,
  root: RootRecord,
  moved: MovedRef,
): Promise<RefMover | undefined> {
  for await (const operation of walkOperations(session, root.operationHead, 1000)) {
    const isMover = operation.refs.some(
      ({ name, to }) => name === moved.name && to === moved.actual,
    )
    if (isMover) return { user: operation.user, host: operation.host, command: operation.command }
  }
  return undefined
}

async function checkTargets(
  { session, location }: UpdateContext,
  plan: PlannedUpdate,
): Promise<void> {
  const targets = plan.changed.flatMap(({ to }) => to ?? [])
  if (plan.isHeadChanged && plan.head?.type === 'detached') targets.push(plan.head.commit)
  for (const id of targets) {
    const kind = (await session.info(id))?.kind
    if (kind === undefined || kind === 'blob') throw objectNotFound(location, 'commit', id)
  }
}

async function describe(
  { session, info }: UpdateContext,
  root: RootRecord,
  { plan, update }: { readonly plan: PlannedUpdate; readonly update: RootUpdate },
): Promise<OperationRecord> {
  const idOf = async (local: RootRecord['local']): Promise<ObjectId | undefined> =>
    local && session.putObject('operation', encodeLocalState(local))
  return {
    command: info.command,
    description: info.description,
    user: info.user,
    host: info.host,
    timeMs: info.timeMs,
    type: update.type ?? 'change',
    previous: root.operationHead,
    undoes: update.undoes ?? [],
    refs: plan.changed.filter(({ name }) => isLogged(name)),
    head: plan.isHeadChanged ? { from: root.head, to: plan.head } : undefined,
    local: plan.isLocalChanged
      ? { from: await idOf(root.local), to: await idOf(plan.local) }
      : undefined,
  }
}
