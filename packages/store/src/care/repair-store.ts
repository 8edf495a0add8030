import { randomUUID } from 'node:crypto'
import type { StorageDriver, StoragePath } from '../driver/storage-driver.ts'
import { isDsvError } from '../dsv-error.ts'
import { type AnyId, toBlobId, toObjectId } from '../hash/object-id.ts'
import { blobPath, PACK_PREFIX, packPath, QUARANTINE_PREFIX } from '../layout.ts'
import type { ObjectReader } from '../object/object-store.ts'
import { beginObjectWrites, type ObjectWriteSession } from '../object/object-write-session.ts'
import type { Store } from '../open-store.ts'
import { type PackEntry, readPackContents } from '../pack/read-pack-contents.ts'
import {
  type FragmentEntry,
  writeIndexFragment,
  type WrittenFragment,
} from '../pack/write-index-fragment.ts'
import { swapRoot } from '../root/publish.ts'
import type { RootRecord } from '../root/root-record.ts'
import { checkStore } from './check-store.ts'
import type { Finding } from './finding.ts'
import { rebuildFragments } from './rebuild-fragments.ts'
import { summarizeIndex } from './survey-packs.ts'
import { payloadReader, readPayload, repackEntries } from './repack.ts'

/** What {@link repairStore} could do. */
export interface RepairOutcome {
  /** Broken blobs and objects of which a good copy was found. */
  readonly healed: readonly AnyId[]
  /** Those of which there is none. */
  readonly lost: readonly AnyId[]
  /** Damaged files; their bytes are kept below `local/quarantine/`. */
  readonly quarantined: readonly StoragePath[]
  /** Index fragments that were made anew from packs. */
  readonly rebuilt: number
}

/**
 * Makes a repository whole again: index fragments from packs, blobs and objects from `others`, each
 * checked against its id. Damaged files are copied to the quarantine before anything replaces them.
 *
 * @throws `DSV_ROOT_CORRUPT` when there is nothing to begin with
 */
export async function repairStore(
  store: Store,
  others: readonly ObjectReader[],
): Promise<RepairOutcome> {
  const root = await store.readRoot()
  const lease = await store.holdLease('write', root)
  try {
    const index = await repairIndex(store)
    const healed: AnyId[] = []
    const quarantined = [...index.quarantined]
    for (;;) {
      const findings: Finding[] = []
      for await (const finding of checkStore(store, { level: 4 })) findings.push(finding)
      const objects = await repairObjects(store, others, findings)
      for (const id of objects.healed) healed.push(id)
      for (const id of objects.quarantined) quarantined.push(id)
      // What hangs on a healed object, or lies in a pack that was taken away, was out of sight.
      const isChanged = objects.healed.length > 0 || objects.quarantined.length > 0
      if (!isChanged || objects.lost.length > 0)
        return { healed, lost: objects.lost, quarantined, rebuilt: index.rebuilt }
    }
  } finally {
    await lease.release()
  }
}

type IndexRepair = Pick<RepairOutcome, 'quarantined' | 'rebuilt'>

async function repairIndex(store: Store): Promise<IndexRepair> {
  const lost: string[] = []
  const quarantined: StoragePath[] = []
  for await (const { code, path } of checkStore(store, { level: 0 })) {
    if (path === undefined || !code.startsWith('fragment-')) continue
    lost.push(path.slice(path.lastIndexOf('/') + 1).replace(/\.idx$/, ''))
    if (code === 'fragment-missing') continue
    await quarantine(store.driver, path)
    await store.driver.delete(path)
    quarantined.push(path)
  }
  if (lost.length > 0) {
    // Open files would go on showing the damaged bytes.
    store.objects.close()
    store.useRoot(await rebuildFragments(store.driver, lost, randomUUID))
  }
  return { rebuilt: lost.length, quarantined }
}

async function quarantine(driver: StorageDriver, path: StoragePath): Promise<void> {
  await driver.write(`${QUARANTINE_PREFIX}${randomUUID()}/${path}`, await driver.read(path))
  await driver.flush()
}

async function repairObjects(
  store: Store,
  others: readonly ObjectReader[],
  findings: readonly Finding[],
): Promise<Omit<RepairOutcome, 'rebuilt'>> {
  const { driver } = store
  const broken = new Set(findings.flatMap(({ id, code }) => (isBroken(code) && id ? [id] : [])))
  const packs = await damagedPacks(store, findings, broken)
  const quarantined: StoragePath[] = []
  const salvage = []
  for (const packId of packs) {
    const found = await salvageEntries(driver, packId)
    await quarantine(driver, packPath(packId))
    quarantined.push(packPath(packId))
    salvage.push({ packId, entries: found.sound })
    for (const id of found.broken) broken.add(id)
  }
  const moved = await repackEntries(driver, salvage, store.settings.packTargetBytes || Infinity)
  const writes = beginObjectWrites(driver, store.objects, { ignorePacks: packs })
  const healed: AnyId[] = []
  const lost: AnyId[] = []
  const waiting = [...broken]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const links = await healOne({ driver, writes, others, quarantined }, id)
    if (links !== undefined) healed.push(id)
    else if (broken.has(id)) lost.push(id)
    // What hangs on a missing object was out of the check's sight.
    for (const link of links ?? []) if (!(await writes.has(link))) waiting.push(link)
  }
  const sealed = await writes.seal()
  const gone = new Set([...packs, ...packsIn(findings, 'pack-missing')])
  const written = new Set([...moved, ...sealed.fragments.flatMap(packsOfFragment)].map(packIdOf))
  const swapped = await swapRoot(driver, randomUUID, async (root) => {
    const { kept, entries } = await withoutPacks(store, root, gone)
    const fragments = [...sealed.fragments.map(({ name }) => name), ...kept]
    const all = [...moved, ...entries]
    if (all.length > 0) fragments.push((await writeIndexFragment(driver, all)).name)
    await driver.flush()
    const isSame = new Set([...fragments, ...root.fragments]).size === root.fragments.length
    if (isSame && fragments.length === root.fragments.length) return undefined
    return { ...root, fragments: [...new Set(fragments)] }
  })
  for (const packId of packs) if (!written.has(packId)) await driver.delete(packPath(packId))
  store.objects.close()
  store.useRoot(swapped)
  return { healed, lost, quarantined }
}

function packsOfFragment({ packs }: WrittenFragment): readonly { readonly packId: string }[] {
  return packs.map((packId) => ({ packId }))
}

function packIdOf({ packId }: { readonly packId: string }): string {
  return packId
}

/** Returns the fragments that name none of these packs, and what the others say of other packs. */
async function withoutPacks(
  { driver, objects }: Store,
  root: RootRecord,
  gone: ReadonlySet<string>,
): Promise<{ readonly kept: readonly string[]; readonly entries: readonly FragmentEntry[] }> {
  const kept: string[] = []
  const others = new Set<string>()
  for (const name of root.fragments) {
    const { packIds } = await summarizeIndex(driver, [name])
    if (!packIds.some((packId) => gone.has(packId))) kept.push(name)
    else for (const packId of packIds) if (!gone.has(packId)) others.add(packId)
  }
  const entries: FragmentEntry[] = []
  for (const packId of others) {
    for (const entry of await entriesOf(driver, packId)) {
      const place = await objects.locate(entry.id)
      if (place?.type === 'pack' && place.packId === packId) entries.push({ ...entry, packId })
    }
  }
  return { kept, entries }
}

function packsIn(findings: readonly Finding[], wanted: Finding['code']): readonly string[] {
  return findings.flatMap(({ code, path }) =>
    code === wanted && path !== undefined
      ? [path.slice(PACK_PREFIX.length).replace(/\.pack$/, '')]
      : [],
  )
}

function isBroken(code: Finding['code']): boolean {
  return code === 'object-missing' || code === 'object-corrupt'
}

/** Packs that are damaged themselves, or hold something that is. */
async function damagedPacks(
  store: Store,
  findings: readonly Finding[],
  broken: ReadonlySet<AnyId>,
): Promise<ReadonlySet<string>> {
  const packs = new Set(packsIn(findings, 'pack-corrupt'))
  for (const id of broken) {
    const place = await store.objects.locate(id)
    if (place?.type === 'pack') packs.add(place.packId)
  }
  return packs
}

async function salvageEntries(
  driver: StorageDriver,
  packId: string,
): Promise<{ readonly sound: readonly PackEntry[]; readonly broken: readonly AnyId[] }> {
  const sound: PackEntry[] = []
  const broken: AnyId[] = []
  const read = await payloadReader(driver, packId)
  for (const entry of await entriesOf(driver, packId)) {
    try {
      await readPayload(read, entry)
      sound.push(entry)
    } catch (error) {
      if (!isDsvError(error, 'DSV_OBJECT_CORRUPT')) throw error
      broken.push(entry.id)
    }
  }
  return { sound, broken }
}

async function entriesOf(driver: StorageDriver, packId: string): Promise<readonly PackEntry[]> {
  try {
    return (await readPackContents(driver, packId)).entries
  } catch (error) {
    if (isDsvError(error, 'DSV_PACK_CORRUPT')) return []
    throw error
  }
}

interface Healing {
  readonly driver: StorageDriver
  readonly writes: ObjectWriteSession
  readonly others: readonly ObjectReader[]
  readonly quarantined: StoragePath[]
}

/** Returns the links of what was healed, or undefined. */
async function healOne(healing: Healing, id: AnyId): Promise<readonly AnyId[] | undefined> {
  for (const other of healing.others) {
    const links = await healFrom(healing, other, id)
    if (links !== undefined) return links
  }
  return undefined
}

/** The other reader checks what it gives; so does the session, by the id that comes out. */
async function healFrom(
  healing: Healing,
  other: ObjectReader,
  id: AnyId,
): Promise<readonly AnyId[] | undefined> {
  const { driver, writes, quarantined } = healing
  try {
    const info = await other.info(id)
    if (info === undefined) return undefined
    if (info.kind !== 'blob') {
      const object = await other.getObject(info.kind, toObjectId(id))
      return (await writes.putObject(info.kind, object)) === id ? object.links : undefined
    }
    const blobId = toBlobId(id)
    const path = blobPath(blobId)
    if ((await driver.sizeOf(path)) !== undefined) {
      await other.getBlob(blobId)
      await quarantine(driver, path)
      await driver.delete(path)
      quarantined.push(path)
    }
    return (await writes.putBlobStream(other.streamBlob(blobId))) === blobId ? [] : undefined
  } catch (error) {
    if (isDsvError(error, 'DSV_OBJECT_NOT_FOUND') || isDsvError(error, 'DSV_OBJECT_CORRUPT')) {
      return undefined
    }
    throw error
  }
}
