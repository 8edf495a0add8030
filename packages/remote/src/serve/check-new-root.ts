import { decodeCommit, decodeTag, isAncestor } from '@dsv/core'
import {
  checkIncomingIndex,
  type ClosableObjectReader,
  type CondemnedFile,
  decodeOperation,
  encodeCanonical,
  equalBytes,
  isBlobList,
  type ObjectId,
  openObjectReader,
  readCondemnedBlobs,
  type RootRecord,
  type StorageDriver,
  toObjectId,
} from '@dsv/store'
import { remoteRefused } from '../errors.ts'
import type { Rights } from './rights.ts'

/** A root record that somebody wants to put in the place of another. */
export interface RootChange {
  readonly driver: StorageDriver
  readonly before: RootRecord
  readonly after: RootRecord
  readonly rights: Rights
}

/** A merge of thousands of fragments is nobody's honest work. */
const MOST_FRAGMENTS = 1000

/**
 * Checks a new root against the present one: it is its successor, loses nothing, and every ref leads to a
 * commit that is there with all it needs. Without admin rights refs only move forward, tags stay, and what
 * garbage collection keeps in the record stays too.
 *
 * @throws `DSV_REMOTE_REFUSED`, and what is wrong with the index: `DSV_PACK_CORRUPT`,
 *   `DSV_OBJECT_CORRUPT`, `DSV_OBJECT_NOT_FOUND`, `DSV_STORAGE_NOT_FOUND`
 */
export async function checkNewRoot(change: RootChange): Promise<void> {
  checkSuccessor(change)
  if (change.rights !== 'admin') {
    checkRefNames(change)
    await checkCollection(change)
  }
  await checkIndex(change)
  const { fragments } = change.after
  const reader = openObjectReader(change.driver, {
    current: () => fragments,
    reload: async () => fragments,
  })
  try {
    await checkOperation(change, reader)
    await checkRefs(change, reader)
  } finally {
    reader.close()
  }
}

function refused(problem: string): Error {
  return remoteRefused('The server', 'root', problem)
}

function checkSuccessor({ before, after }: RootChange): void {
  if (after.repositoryId !== before.repositoryId) throw refused('it is of another repository')
  if (after.generation !== before.generation + 1) throw refused('it is not the next generation')
  if (after.txid === before.txid) throw refused('its txid is that of the present one')
  if (after.head !== undefined || after.local !== undefined) {
    throw refused('it says where a working tree stands')
  }
  if (after.fragments.length > MOST_FRAGMENTS) throw refused('it has too many index fragments')
}

/** What stands in the way by the names alone; {@link checkRefs} looks at the commits. */
function checkRefNames({ before, after }: RootChange): void {
  for (const name of before.refs.keys()) {
    if (!after.refs.has(name)) throw refused(`only admin rights allow to delete ${name}`)
  }
  for (const [name, id] of after.refs) {
    const from = before.refs.get(name)
    if (from === id) continue
    if (from !== undefined && name.startsWith('refs/tags/')) {
      throw refused(`only admin rights allow to move the tag ${name}`)
    }
    if (name === 'refs/stash' || name.startsWith('refs/remotes/')) {
      throw refused(`${name} belongs to the working tree there`)
    }
    if (before.head?.type === 'branch' && before.head.name === name && from !== undefined) {
      throw refused(`${name} is checked out there`)
    }
  }
}

/**
 * Settings, epoch and what is condemned belong to garbage collection. A writer may take a file that it
 * uses off the list, and one whose deletion it finished.
 */
async function checkCollection({ driver, before, after }: RootChange): Promise<void> {
  if (after.gcEpoch !== before.gcEpoch) throw refused('only admin rights allow to collect garbage')
  if (!equalBytes(encodeCanonical(before.settings), encodeCanonical(after.settings))) {
    throw refused('only admin rights allow to change settings')
  }
  const known = new Map(before.condemned.map((file) => [file.path, file]))
  for (const file of after.condemned) {
    const old = known.get(file.path)
    const isKept = old?.sinceMs === file.sinceMs && old.isDoomed === file.isDoomed
    if (!isKept && !(await isShorterList(driver, file, before.condemned))) {
      throw refused(`only admin rights allow to condemn ${file.path}`)
    }
  }
  const kept = new Set(after.condemned.map((file) => file.path))
  for (const file of before.condemned) {
    if (!file.isDoomed || kept.has(file.path)) continue
    if ((await driver.sizeOf(file.path)) === undefined) continue
    throw refused(`${file.path} is being deleted`)
  }
}

async function isShorterList(
  driver: StorageDriver,
  file: CondemnedFile,
  before: readonly CondemnedFile[],
): Promise<boolean> {
  if (!isBlobList(file.path) || file.isDoomed) return false
  const blobIds = await readCondemnedBlobs(driver, file.path)
  for (const old of before) {
    if (!isBlobList(old.path) || old.sinceMs !== file.sinceMs || old.isDoomed) continue
    const condemned = new Set<string>(await readCondemnedBlobs(driver, old.path))
    if (blobIds.every((id) => condemned.has(id))) return true
  }
  return false
}

/** With admin rights entries may go, as after a collection; new ones must be right all the same. */
async function checkIndex({ driver, before, after, rights }: RootChange): Promise<void> {
  const mayLose = rights === 'admin'
  await checkIncomingIndex(driver, {
    before: before.fragments,
    after: after.fragments,
    isPartial: before.settings.partial === 1,
    mayLose,
  })
}

async function checkOperation(
  { before, after, rights }: RootChange,
  reader: ClosableObjectReader,
): Promise<void> {
  if (after.operationHead === before.operationHead) {
    const isSame = after.refs.size === before.refs.size && changedRefs(before, after).length === 0
    if (!isSame && rights !== 'admin') throw refused('no operation says how the refs changed')
    return
  }
  if (after.operationHead === undefined) throw refused('it has no log of operations')
  const stored = await reader.getObject('operation', after.operationHead)
  const { previous } = decodeOperation(after.operationHead, stored)
  if (previous !== before.operationHead) throw refused('its log of operations is another one')
}

function changedRefs(before: RootRecord, after: RootRecord): [string, ObjectId][] {
  return [...after.refs].filter(([name, id]) => before.refs.get(name) !== id)
}

async function checkRefs(
  { before, after, rights }: RootChange,
  reader: ClosableObjectReader,
): Promise<void> {
  const commits = {
    commit: async (id: ObjectId) => decodeCommit(await reader.getObject('commit', id)),
  }
  for (const [name, id] of changedRefs(before, after)) {
    const to = await commitOf(reader, name, id)
    // Reading it shows that it is one.
    await commits.commit(to)
    const from = before.refs.get(name)
    if (from === undefined || rights === 'admin') continue
    if (!(await isAncestor(commits, await commitOf(reader, name, from), to))) {
      throw refused(`${name} would lose commits; only admin rights allow that`)
    }
  }
}

async function commitOf(
  reader: ClosableObjectReader,
  name: string,
  id: ObjectId,
): Promise<ObjectId> {
  const kind = (await reader.info(id))?.kind
  if (kind === 'commit') return id
  if (kind === 'tag') return toObjectId(decodeTag(await reader.getObject('tag', id)).target)
  throw refused(`${name} leads to no commit`)
}
