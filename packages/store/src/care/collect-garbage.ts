import { randomUUID } from 'node:crypto'
import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'
import { gcRefused, rootBusy } from '../errors.ts'
import { type BlobId, toBlobId } from '../hash/object-id.ts'
import {
  BLOB_PREFIX,
  blobIdOfPath,
  CONDEMNED_PREFIX,
  INDEX_PREFIX,
  indexPath,
  PACK_PREFIX,
  packPath,
  TEMPORARY_PREFIX,
} from '../layout.ts'
import type { Store } from '../open-store.ts'
import {
  createEntryList,
  type EntryList,
  type FragmentEntry,
  mergeIndexFragments,
} from '../pack/write-index-fragment.ts'
import { type FoundLease, isLeaseLive, readLeases } from '../root/lease.ts'
import { swapRoot } from '../root/publish.ts'
import type { CondemnedFile, RootRecord } from '../root/root-record.ts'
import { isBlobList, readRemainingBlobs, writeCondemnedBlobs } from './condemned-blobs.ts'
import { type Deleted, deleteCondemned, finishDeleting } from './delete-condemned.ts'
import { IdSet } from './id-set.ts'
import { emptyReach, markReachable, type Reach, reachRoots } from './reachable.ts'
import { type EntriesToMove, repackEntries } from './repack.ts'
import { summarizeIndex, surveyPacks } from './survey-packs.ts'

/** How {@link collectGarbage} works. */
export interface CollectOptions {
  /** How long a condemned file stays; the setting of the repository by default. In milliseconds. */
  readonly graceMs?: number
  /**
   * Milliseconds since 1970 UTC. By default the clock of the storage, as far as it dates the lease of
   * this collection: that of this machine may be wrong, and files and leases are dated by the storage.
   */
  readonly nowMs?: number
  /** Only says what would be done. */
  readonly dryRun?: boolean
}

/** What {@link collectGarbage} did, or would do. */
export interface CollectOutcome {
  /** Blobs, chunks and objects that are in use. */
  readonly reachable: number
  /** Packs, index fragments and blob files that were condemned now, and their bytes. */
  readonly condemned: number
  readonly condemnedBytes: number
  /** Packs whose live entries were moved to new ones. */
  readonly repacked: number
  /** Files that had been condemned long enough and were deleted, and their bytes. */
  readonly deleted: number
  readonly deletedBytes: number
  /** What dead writers left: leases and temporary files. */
  readonly remains: number
}

const MAX_ATTEMPTS = 5
/** From this number on, packs of less than an eighth of the target are put together. */
const SMALL_PACKS = 16
const DEFAULT_PACK_BYTES = 64 * 1024 * 1024
/** From this number on, index fragments are put together even when nothing else is to be done. */
const MANY_FRAGMENTS = 16

/**
 * Finds what nothing refers to, condemns it in the root, and deletes what was condemned a grace
 * period ago. Nobody is stopped meanwhile: a writer notices at its swap that there was a collection,
 * and checks then that what it relies on is there.
 *
 * After it the index holds exactly what is reachable, and what was published meanwhile.
 *
 * @throws `DSV_GC_REFUSED` when something that is in use is missing or damaged, `DSV_ROOT_BUSY`
 */
export async function collectGarbage(
  store: Store,
  options: CollectOptions = {},
): Promise<CollectOutcome> {
  const graceMs = options.graceMs ?? store.settings.graceMs
  const root = await store.readRoot()
  const lease = await store.holdLease('gc', root)
  try {
    if (options.dryRun !== true) await finishDeleting(store.driver, randomUUID)
    const found = await readLeases(store.driver)
    const isOwn = (each: FoundLease): boolean => each.lease?.sessionId === lease.lease.sessionId
    const run: GcRun = {
      store,
      driver: store.driver,
      // File systems date files to the fraction of a millisecond, the root does not.
      nowMs: options.nowMs ?? Math.floor(found.find(isOwn)?.modifiedMs ?? store.nowMs()),
      graceMs,
      dryRun: options.dryRun === true,
    }
    const others = found.filter((each) => !isOwn(each))
    const { live, dead } = sortLeases(run, others)
    const reach = emptyReach()
    const condemned = await condemn(run, { reach, live })
    if (run.dryRun) return { ...condemned, deleted: 0, deletedBytes: 0, remains: 0 }
    const deleted = await deleteDue(run, root.condemned, { reach, live })
    const remains = await removeRemains(run, { live, dead })
    return { ...condemned, deleted: deleted.files, deletedBytes: deleted.bytes, remains }
  } finally {
    await lease.release()
  }
}

interface GcRun {
  readonly store: Store
  readonly driver: StorageDriver
  readonly nowMs: number
  readonly graceMs: number
  readonly dryRun: boolean
}

interface SortedLeases {
  readonly live: readonly FoundLease[]
  readonly dead: readonly FoundLease[]
}

function sortLeases({ store, nowMs }: GcRun, others: readonly FoundLease[]): SortedLeases {
  const clock = { nowMs, ttlMs: store.settings.leaseTtlMs }
  const running = others.filter((each) => isLeaseLive(each, store.self, clock))
  return {
    live: running.filter(({ lease }) => lease?.purpose !== 'gc'),
    dead: others.filter((each) => !running.includes(each)),
  }
}

/**
 * Deletes what an earlier run condemned. A writer that began before may have looked it up in an older
 * index; blob files are found by their name, whenever a writer began.
 */
async function deleteDue(
  run: GcRun,
  earlier: readonly CondemnedFile[],
  { reach, live }: PlanContext,
): Promise<Deleted> {
  const oldestMs = oldestStart(live)
  const due = new Set<StoragePath>()
  for (const { path, sinceMs } of earlier) {
    const isFree = isBlobList(path) ? live.length === 0 : sinceMs < oldestMs
    if (!isFree || sinceMs + run.graceMs > run.nowMs) continue
    if (!(await isInUse(run, path, reach))) due.add(path)
  }
  return deleteCondemned(run.driver, randomUUID, ({ path }) => due.has(path))
}

/** By all that is said above nothing condemned is in use; deleting is the place to look twice. */
async function isInUse(
  { driver, store }: GcRun,
  path: StoragePath,
  reach: Reach,
): Promise<boolean> {
  if (isBlobList(path)) {
    return (await readRemainingBlobs(driver, path)).some((id) => reach.reached.has(id))
  }
  const { fragments } = await store.readRoot()
  const { packIds } = await summarizeIndex(driver, fragments)
  return fragments.map(indexPath).includes(path) || packIds.map(packPath).includes(path)
}

function oldestStart(live: readonly FoundLease[]): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...live.map(({ lease, modifiedMs }) => {
      if (lease === undefined) return modifiedMs
      // The last heartbeat was written by two clocks: so the start is known by that of the storage too.
      const { startedMs, heartbeatMs } = lease
      return Math.min(startedMs, modifiedMs - (heartbeatMs - startedMs))
    }),
  )
}

type Condemned = Pick<CollectOutcome, 'reachable' | 'condemned' | 'condemnedBytes' | 'repacked'>

async function condemn(run: GcRun, context: PlanContext): Promise<Condemned> {
  const { reach } = context
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const root = await run.store.readRoot()
    await mark(run, root, context)
    const plan = await planCollection(run, root, context)
    const outcome = {
      reachable: reach.reached.size,
      condemned: plan.files.length + plan.blobs.length,
      condemnedBytes: plan.bytes,
      repacked: plan.moves.length,
    }
    const isNothing = outcome.condemned === 0 && plan.moves.length === 0 && !plan.isIndexStale
    if (isNothing || run.dryRun || (await applyPlan(run, root, plan))) return outcome
  }
  throw rootBusy(run.driver.location, MAX_ATTEMPTS)
}

async function mark(
  { store, nowMs }: GcRun,
  root: RootRecord,
  { reach, live }: PlanContext,
): Promise<void> {
  const roots = await reachRoots(store.objects, root, store.settings, nowMs)
  await markReachable(store.objects, roots, reach)
  const lost = [...reach.missing, ...reach.corrupt.keys()]
  const isPartial = store.settings.partial === 1 && reach.corrupt.size === 0
  if (lost.length > 0 && !isPartial) throw gcRefused(store.driver.location, lost)
  // What a writer began with may be gone by right, when the log was cut since.
  const bases = live.flatMap(({ lease }) => lease?.bases ?? [])
  await markReachable(store.objects, bases, { ...emptyReach(), reached: reach.reached })
}

interface CollectionPlan {
  /** What stays where it is; 35 bytes for each, as there may be millions. */
  readonly entries: EntryList
  readonly moves: readonly EntriesToMove[]
  /** Packs and other files to condemn. */
  readonly files: readonly StoragePath[]
  /** Blob files to condemn. */
  readonly blobs: readonly BlobId[]
  readonly bytes: number
  /** Whether the index holds what is dead, or is in many pieces. */
  readonly isIndexStale: boolean
}

interface PlanContext {
  readonly reach: Reach
  readonly live: readonly FoundLease[]
}

async function planCollection(
  run: GcRun,
  root: RootRecord,
  { reach, live }: PlanContext,
): Promise<CollectionPlan> {
  const packs = await planPacks(run, root, reach)
  const youngMs = Math.min(run.nowMs - run.graceMs, oldestStart(live))
  const orphans = await findOrphans(run, root, { packIds: packs.packIds, youngMs })
  const blobs = await findDeadBlobs(run, root, { reach, youngMs })
  return {
    entries: packs.entries,
    moves: packs.moves,
    files: [...packs.files, ...orphans.files],
    blobs: blobs.ids,
    bytes: packs.bytes + orphans.bytes + blobs.bytes,
    isIndexStale:
      packs.hasDead || packs.moves.length > 0 || root.fragments.length >= MANY_FRAGMENTS,
  }
}

interface PackPlan extends Pick<CollectionPlan, 'entries' | 'moves' | 'files' | 'bytes'> {
  readonly packIds: readonly string[]
  readonly hasDead: boolean
}

async function planPacks(run: GcRun, root: RootRecord, reach: Reach): Promise<PackPlan> {
  const index = await summarizeIndex(run.driver, root.fragments)
  const targetBytes = run.store.settings.packTargetBytes || DEFAULT_PACK_BYTES
  const entries = createEntryList()
  const moves: EntriesToMove[] = []
  const small: EntriesToMove[] = []
  const files: StoragePath[] = []
  let bytes = 0
  let live = 0
  for await (const survey of surveyPacks(run.driver, index.packIds, reach.reached)) {
    const { packId } = survey
    live += survey.live.length
    const isMoved = 2 * survey.liveBytes < survey.totalBytes
    if (survey.live.length === 0 || isMoved) {
      files.push(packPath(packId))
      bytes += survey.sizeBytes
      if (survey.live.length > 0) moves.push({ packId, entries: survey.live })
    } else if (8 * survey.sizeBytes < targetBytes) {
      small.push({ packId, entries: survey.live })
    } else {
      for (const entry of survey.live) entries.add({ ...entry, packId })
    }
  }
  if (small.length >= SMALL_PACKS) {
    moves.push(...small)
    files.push(...small.map(({ packId }) => packPath(packId)))
  } else {
    for (const { packId, entries: kept } of small) {
      for (const entry of kept) entries.add({ ...entry, packId })
    }
  }
  return { packIds: index.packIds, entries, moves, files, bytes, hasDead: live < index.entries }
}

interface FoundFiles {
  readonly files: readonly StoragePath[]
  readonly bytes: number
}

/** Finds packs, fragments and lists that nothing names: left by writers that are gone. */
async function findOrphans(
  { driver }: GcRun,
  root: RootRecord,
  { packIds, youngMs }: { readonly packIds: readonly string[]; readonly youngMs: number },
): Promise<FoundFiles> {
  const named = new Set([
    ...packIds.map(packPath),
    ...root.fragments.map(indexPath),
    ...root.condemned.map(({ path }) => path),
  ])
  const files: StoragePath[] = []
  let bytes = 0
  for (const prefix of [PACK_PREFIX, INDEX_PREFIX, CONDEMNED_PREFIX]) {
    for await (const { path, modifiedMs, sizeBytes } of driver.list(prefix)) {
      if (named.has(path) || modifiedMs >= youngMs) continue
      files.push(path)
      bytes += sizeBytes
    }
  }
  return { files, bytes }
}

async function findDeadBlobs(
  { driver }: GcRun,
  root: RootRecord,
  { reach, youngMs }: { readonly reach: Reach; readonly youngMs: number },
): Promise<{ readonly ids: readonly BlobId[]; readonly bytes: number }> {
  const known = new IdSet()
  for (const { path } of root.condemned) {
    if (!isBlobList(path)) continue
    for (const id of await readRemainingBlobs(driver, path)) known.add(id)
  }
  const ids: BlobId[] = []
  let bytes = 0
  for await (const { path, modifiedMs, sizeBytes } of driver.list(BLOB_PREFIX)) {
    const text = blobIdOfPath(path)
    if (text === undefined || modifiedMs >= youngMs) continue
    const id = toBlobId(text)
    if (reach.reached.has(id) || known.has(id)) continue
    ids.push(id)
    bytes += sizeBytes
  }
  return { ids, bytes }
}

/** Returns whether the root was still the one that was planned for. */
async function applyPlan(run: GcRun, root: RootRecord, plan: CollectionPlan): Promise<boolean> {
  const { driver } = run
  const targetBytes = run.store.settings.packTargetBytes || DEFAULT_PACK_BYTES
  const moved = await repackEntries(driver, plan.moves, targetBytes)
  const fragments = plan.isIndexStale
    ? await writeIndex(driver, plan.entries, moved)
    : root.fragments
  const replaced = root.fragments.filter((name) => !fragments.includes(name)).map(indexPath)
  const kept = new Set([
    ...moved.map(({ packId }) => packPath(packId)),
    ...fragments.map(indexPath),
  ])
  const paths = [...plan.files.filter((path) => !kept.has(path)), ...replaced]
  if (plan.blobs.length > 0) paths.push(await writeCondemnedBlobs(driver, plan.blobs))
  await driver.flush()
  let isSame = false
  const swapped = await swapRoot(driver, randomUUID, async (current) => {
    isSame = current.txid === root.txid
    if (!isSame) return undefined
    const condemned = paths.map((path) => ({ path, sinceMs: run.nowMs, isDoomed: false }))
    return {
      ...current,
      fragments,
      condemned: [...current.condemned.filter(({ path }) => !kept.has(path)), ...condemned],
      gcEpoch: current.gcEpoch + 1,
    }
  })
  run.store.useRoot(swapped)
  return isSame
}

async function writeIndex(
  driver: StorageDriver,
  entries: EntryList,
  moved: readonly FragmentEntry[],
): Promise<readonly string[]> {
  for (const entry of moved) entries.add(entry)
  if (entries.count() === 0) return []
  return [(await mergeIndexFragments(driver, entries.sorted(), [])).name]
}

/** Deletes the leases of dead writers and temporary files older than any live writer. */
async function removeRemains(run: GcRun, { live, dead }: SortedLeases): Promise<number> {
  const youngMs = Math.min(run.nowMs - run.graceMs, oldestStart(live))
  let count = 0
  for (const { path } of dead) {
    await run.driver.delete(path)
    count += 1
  }
  for await (const { path, modifiedMs } of run.driver.list(TEMPORARY_PREFIX)) {
    if (modifiedMs >= youngMs) continue
    await run.driver.delete(path)
    count += 1
  }
  return count
}
