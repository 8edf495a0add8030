import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  diffTrees,
  editTree,
  isDsvError,
  type ObjectId,
  type ObjectReader,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import { checkoutWouldOverwrite, workingTreeBusy } from '../errors.ts'
import { isSameFile } from '../repository/diff-snapshots.ts'
import { checkPath, isSafePath } from '../record/check-path.ts'
import { decodeFile, decodePath } from '../record/file-record.ts'
import type { Repository, Transaction } from '../repository/repository.ts'
import { stagedFiles } from '../stage/staged-files.ts'
import { storeFiles } from '../stage/store-files.ts'
import { agreeAfter } from '../working-tree/agree-after.ts'
import { type KeptBlobs } from '../working-tree/known-blobs.ts'
import { statEntry, type WorkingEntry } from '../working-tree/walk-working-tree.ts'
import { type ApplyContext, applyCheckout, bringFiles } from './apply-checkout.ts'
import {
  beginJournal,
  checkoutGoingOn,
  endJournal,
  forgetJournal,
  interruptedCheckout,
} from './checkout-journal.ts'
import { leaveOutMedia } from './leave-out-media.ts'
import { lookAtDisk } from './look-at-disk.ts'
import { removeLeftovers } from './remove-leftovers.ts'
import { type CheckoutPlan, type Disk, type FileChange, planCheckout } from './plan-checkout.ts'

/** How to move. */
export interface MoveOptions {
  /**
   * Writes over local changes. They are stored first, and the tree that is returned as `from` holds
   * them, so that undo brings them back.
   */
  readonly force?: boolean
  /** A changed file that has to go is in the way, instead of staying as an untracked one. */
  readonly deletesStrictly?: boolean
  /** What to do about files in the way, where that is not what always helps. */
  readonly hint?: string
}

/** The trees between which the working tree was moved. */
export interface Move {
  readonly from: TreeRef
  readonly to: TreeRef
}

/** Where the working tree is to go. */
export interface PlannedMove extends Move {
  /**
   * The datasets of `to`: a partial clone leaves out what it does not want of their media. Without them
   * every file of `to` is written.
   */
  readonly datasets?: ReadonlyMap<string, ObjectId>
}

/**
 * Takes the working tree from the files of `from`, which it holds up to local changes, to those of
 * `to`, then calls `publish` with the move that was made. Local changes of files that both trees have
 * alike stay.
 *
 * When anything fails, `publish` included, what was done is taken back; after a kill
 * {@link recoverWorkingTree} does that.
 *
 * @throws `DSV_CHECKOUT_WOULD_OVERWRITE`, `DSV_PATH_BLOCKED`, `DSV_PATH_UNSAFE`, `DSV_OBJECT_CORRUPT`,
 *   `DSV_WORKING_TREE_BUSY`, and what `publish` throws
 */
export async function moveWorkingTree(
  repository: Repository,
  transaction: Transaction,
  known: KeptBlobs,
  { from, to, datasets }: PlannedMove,
  options: MoveOptions,
  publish: (move: Move) => Promise<void>,
): Promise<void> {
  await settleWorkingTree(repository, known)
  const { session } = transaction
  const planning = { keepsDeleted: options.deletesStrictly !== true }
  const disk = (): Disk => lookAtDisk(repository.folder, known)
  const all = await fileChanges(session, from, to)
  const { changes, leftOut } =
    repository.isPartial && datasets !== undefined
      ? await leaveOutMedia(repository, session, all, disk(), datasets)
      : { changes: all, leftOut: [] }
  const ways = { from, to, leftOut }
  const plan = planCheckout(changes, disk(), planning)
  if (plan.blocked.length === 0)
    return applyAndPublish(repository, transaction, known, plan, ways, publish)
  if (options.force !== true) throw checkoutWouldOverwrite(plan.blocked, options.hint)
  // What lies in the way becomes part of the tree that is left, so nothing is lost that is not stored.
  const kept = await keepLocalChanges(repository, session, known, from, plan.blocked)
  const absent = new Set(leftOut)
  const again = (await fileChanges(session, kept, to)).filter(({ path }) => !absent.has(path))
  const forced = planCheckout(again, disk())
  if (forced.blocked.length > 0) throw checkoutWouldOverwrite(forced.blocked)
  return applyAndPublish(repository, transaction, known, forced, { ...ways, from: kept }, publish)
}

/**
 * Files that are about to be deleted or written over are those that `from` says, but in a partial clone
 * that alone does not mean that their bytes are stored here.
 */
async function storeUnstored(
  repository: Repository,
  session: WriteSession,
  { remove, write }: CheckoutPlan,
): Promise<void> {
  for (const { path, from } of [...remove, ...write]) {
    if (from === undefined || !('blob' in from) || (await session.has(from.blob))) continue
    const entry = statEntry(repository.folder, path)
    if (entry?.type !== 'file') continue
    const bytes = createReadStream(join(repository.folder, path))
    await session.putBlobStream(bytes, from.sizeBytes)
  }
}

/** How long a command waits for another one that moves the working tree. */
const PATIENCE_MS = 10_000
const POLL_MS = 25

/**
 * Makes sure that the working tree belongs to one state: takes back a checkout that was killed and waits
 * for one that goes on.
 *
 * @throws `DSV_WORKING_TREE_BUSY` when that takes too long
 */
export async function settleWorkingTree(repository: Repository, known: KeptBlobs): Promise<void> {
  await recoverWorkingTree(repository, known)
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const going = checkoutGoingOn(repository)
    if (going === undefined) return
    if (waitedMs >= PATIENCE_MS)
      throw workingTreeBusy(going.owner?.pid ?? 0, going.owner?.host ?? '?')
    await setTimeout(POLL_MS, undefined, { signal: repository.environment.signal })
  }
}

/**
 * Ends a checkout that was killed: forward when its result was published, else back. Files that were
 * changed since stay as they are. Returns whether there was one.
 */
export async function recoverWorkingTree(
  repository: Repository,
  known: KeptBlobs,
): Promise<boolean> {
  const journal = interruptedCheckout(repository)
  if (journal === undefined) return false
  const { work } = await repository.state()
  // Whoever moves the working tree counts the move in what is published.
  const isPublished = (work.moved?.serial ?? 0) !== journal.serial
  const [from, to] = isPublished ? [journal.from, journal.to] : [journal.to, journal.from]
  const { objects } = repository.store
  const changes = await changesIfStored(objects, from, to)
  removeLeftovers(
    repository.folder,
    changes.map(({ path }) => path),
  )
  const plan = planCheckout(changes, lookAtDisk(repository.folder, known))
  await bringFiles(repository, plan)
  const placedNs = await applyCheckout(plan, applyContext(repository, objects))
  await rememberWritten(repository.folder, plan, placedNs, known)
  forgetJournal(repository)
  return true
}

/**
 * What a killed checkout had not published, gc may have removed since; then the files stay as they are,
 * and status tells how they differ.
 */
async function changesIfStored(
  reader: ObjectReader,
  from: TreeRef,
  to: TreeRef,
): Promise<FileChange[]> {
  try {
    return await fileChanges(reader, from, to)
  } catch (error) {
    if (isDsvError(error, 'DSV_OBJECT_NOT_FOUND')) return []
    throw error
  }
}

async function fileChanges(
  reader: ObjectReader,
  from: TreeRef,
  to: TreeRef,
): Promise<FileChange[]> {
  const changes: FileChange[] = []
  for await (const change of diffTrees(reader, from, to)) {
    const file = decodePath(change.key)
    const [before, after] = [change.from, change.to].map((entry) => entry && decodeFile(entry))
    if (isSameFile(before, after)) continue
    // What may not be written was not written: at such a path lies nothing of ours to be removed.
    if (after !== undefined) checkPath(file)
    else if (!isSafePath(file)) continue
    changes.push({ path: file, from: before, to: after })
  }
  return changes
}

async function keepLocalChanges(
  repository: Repository,
  session: WriteSession,
  known: KeptBlobs,
  from: TreeRef,
  paths: readonly string[],
): Promise<TreeRef> {
  const changes = paths.map((file) => ({
    path: file,
    entry: statEntry(repository.folder, file),
    before: undefined,
  }))
  const files = stagedFiles(session, from)
  await storeFiles(repository, session, known, changes, files)
  return editTree(session, from, files.edits())
}

async function applyAndPublish(
  repository: Repository,
  { session, state }: Transaction,
  known: KeptBlobs,
  plan: CheckoutPlan,
  { from, to, leftOut }: Move & { readonly leftOut: readonly string[] },
  publish: (move: Move) => Promise<void>,
): Promise<void> {
  const held = stagedFiles(session, from)
  for (const [file, record] of plan.unlike) held.set(file, record)
  const written = stagedFiles(session, to)
  for (const file of leftOut) {
    held.set(file, undefined)
    written.set(file, undefined)
  }
  const move = {
    from: await editTree(session, from, held.edits()),
    to: leftOut.length === 0 ? to : await editTree(session, to, written.edits()),
  }
  if (repository.isPartial) await storeUnstored(repository, session, plan)
  await bringFiles(repository, plan, session)
  if (plan.write.length === 0 && plan.remove.length === 0) {
    await publish(move)
    agreeAfter(known, from, to)
    return
  }
  // After a kill the way back is found by what the journal names: it must be readable by then.
  await session.checkpoint()
  const journal = beginJournal(repository, { ...move, serial: state.work.moved?.serial ?? 0 })
  const context = applyContext(repository, session)
  try {
    await rememberWritten(repository.folder, plan, await applyCheckout(plan, context), known)
    await publish(move)
    agreeAfter(known, from, to)
  } catch (error) {
    // Taking back must not be stopped by what stopped the way there.
    const { signal } = new AbortController()
    removeLeftovers(
      repository.folder,
      plan.write.map(({ path }) => path),
    )
    const back = reversed(plan, lookAtDisk(repository.folder, known))
    const placedNs = await applyCheckout(back, { ...context, signal })
    await rememberWritten(repository.folder, back, placedNs, known)
    endJournal(journal)
    throw error
  }
  endJournal(journal)
}

function applyContext(repository: Repository, reader: ObjectReader): ApplyContext {
  const { store, folder, environment, link } = repository
  const { signal, onProgress, workerUrl } = environment
  const { driver, objects: stored } = store
  const isJournaled = true
  return { reader, stored, driver, root: folder, link, isJournaled, signal, onProgress, workerUrl }
}

/** The plan that undoes as much of `plan` as was done. */
function reversed(plan: CheckoutPlan, disk: Disk): CheckoutPlan {
  const changes = [...plan.write, ...plan.remove].map(({ path: file, from, to }) => ({
    path: file,
    from: to,
    to: from,
  }))
  return planCheckout(changes, disk)
}

/** Longer than a tick of the clocks of most file systems. */
const TICK_MS = 25

/**
 * Remembers what was written. A file whose stat is still the one that it had right after it was written,
 * a tick of the clock ago, holds what was written, as Git has it; of any other that is not known.
 */
async function rememberWritten(
  root: string,
  plan: CheckoutPlan,
  placedNs: BigInt64Array,
  known: KeptBlobs,
): Promise<void> {
  for (const { path: file } of plan.remove) known.forget(file)
  if (plan.write.length > 0) await setTimeout(TICK_MS)
  const seenNs = known.nowNs()
  for (const [at, { path: file, to }] of plan.write.entries()) {
    const entry: WorkingEntry | undefined = statEntry(root, file)
    if (entry?.stat === undefined || to === undefined || !('blob' in to)) continue
    const isAsPlaced = entry.stat.ctimeNs === placedNs[at]
    known.remember(file, entry.stat, to.blob, isAsPlaced ? seenNs : undefined)
  }
}
