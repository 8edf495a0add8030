import fs from 'node:fs'
import {
  blobIdOfPath,
  checkIncomingPack,
  CONDEMNED_PREFIX,
  decodeCanonical,
  decodeRoot,
  encodeRoot,
  type FolderDriver,
  FRAGMENT_PREFIX,
  hashBlob,
  isBlobList,
  isDsvError,
  keepRootCopy,
  PACK_PREFIX,
  readCondemnedBlobs,
  ROOT_PATH,
  type RootRecord,
  SESSION_PREFIX,
  storageConflict,
  type StoragePath,
  type VersionedBytes,
} from '@dsv/store'
import { remoteRefused } from '../errors.ts'
import { checkNewRoot } from './check-new-root.ts'
import { packAt } from './pack-at.ts'
import type { Rights } from './rights.ts'
import type { Access, ReceivedFile, StorageRules } from './storage-rules.ts'

/** What of a repository a path names. */
type PathKind = 'root' | 'blob' | 'pack' | 'index' | 'condemned' | 'session'

const MEBIBYTE = 1024 * 1024
const MOST_ROOT_BYTES = 64 * MEBIBYTE

/** What {@link repositoryRules} needs beside the folder. */
export interface RepositoryRulesOptions {
  /** How large a blob, pack or index fragment may be. */
  readonly maxBodyBytes: number
}

const NEEDED: Readonly<Record<PathKind, Readonly<Record<Access, Rights | 'nobody'>>>> = {
  root: { get: 'read', put: 'write', delete: 'nobody' },
  blob: { get: 'read', put: 'write', delete: 'write' },
  pack: { get: 'read', put: 'write', delete: 'write' },
  index: { get: 'read', put: 'write', delete: 'write' },
  condemned: { get: 'read', put: 'write', delete: 'write' },
  session: { get: 'write', put: 'write', delete: 'write' },
}

/**
 * Returns the rules of a server of one repository. What belongs to the machine is not there: `local/`,
 * and in the root record where the working tree stands and what is staged.
 */
export function repositoryRules(
  driver: FolderDriver,
  options: RepositoryRulesOptions,
): StorageRules {
  // One swap at a time is checked here; the storage keeps other processes out.
  let swap: Promise<unknown> = Promise.resolve()
  let served: (VersionedBytes & { readonly of: string }) | undefined

  async function readRoot(): Promise<{ record: RootRecord; version: string } | undefined> {
    const found = await driver.readVersioned(ROOT_PATH)
    return found && { record: decodeRoot(found.bytes, driver.location), version: found.version }
  }
  async function swapRoot(
    expected: string | undefined,
    sent: { readonly bytes: Uint8Array; readonly rights: Rights },
  ): Promise<string> {
    const current = await readRoot()
    const isSame = current !== undefined && versionOf(servedRoot(current.record)) === expected
    if (!isSame) throw storageConflict(driver.location, ROOT_PATH)
    const after = decodeRoot(sent.bytes, 'this request')
    await checkNewRoot({ driver, before: current.record, after, rights: sent.rights })
    const { head, local } = current.record
    const bytes = encodeRoot({ ...after, head, local })
    await driver.flush()
    await driver.replaceIf(ROOT_PATH, current.version, bytes)
    await keepRootCopy(driver, bytes)
    return versionOf(servedRoot(after))
  }
  async function readServedRoot(): Promise<VersionedBytes | undefined> {
    const found = await driver.readVersioned(ROOT_PATH)
    if (found === undefined) return undefined
    if (served?.of !== found.version) {
      const bytes = servedRoot(decodeRoot(found.bytes, driver.location))
      served = { of: found.version, bytes, version: versionOf(bytes) }
    }
    return served
  }

  return {
    rightsFor(access, path) {
      const kind = kindOf(path)
      return kind && NEEDED[kind][access]
    },
    isVersioned: (path) => path === ROOT_PATH || kindOf(path) === 'session',
    maxBytes(path) {
      const isSmall = path === ROOT_PATH || kindOf(path) === 'session'
      return isSmall ? mostRecordBytes(driver) : options.maxBodyBytes
    },
    readVersioned: (path) => (path === ROOT_PATH ? readServedRoot() : driver.readVersioned(path)),
    async replaceIf(path, expected, sent) {
      if (path !== ROOT_PATH) {
        checkLease(path, sent.bytes, sent.rights)
        return driver.replaceIf(path, expected, sent.bytes)
      }
      const done = swap.then(() => swapRoot(expected, sent))
      swap = done.catch(() => {})
      return done
    },
    check: (path, file) => checkFile(driver, path, file),
    async checkDelete(path, rights) {
      if (rights === 'admin' || kindOf(path) === 'session') return
      // What a collection that crashed had begun to delete, any writer may finish.
      if (!(await isDoomed(driver, await readRoot(), path))) {
        throw remoteRefused('The server', path, 'only admin rights allow to delete it')
      }
    },
  }
}

/** A root grows by steps, and a lease names what is in it; whoever sends more fills the memory. */
function mostRecordBytes(driver: FolderDriver): number {
  const { size } = fs.statSync(driver.absolutePath(ROOT_PATH))
  return Math.min(MOST_ROOT_BYTES, 4 * MEBIBYTE + 4 * size)
}

function kindOf(path: StoragePath): PathKind | undefined {
  if (path === ROOT_PATH) return 'root'
  if (blobIdOfPath(path) !== undefined) return 'blob'
  if (nameIn(path, PACK_PREFIX, '.pack') !== undefined) return 'pack'
  if (nameIn(path, FRAGMENT_PREFIX, '.idx') !== undefined) return 'index'
  if (nameIn(path, CONDEMNED_PREFIX, '') !== undefined) return 'condemned'
  return sessionIn(path) === undefined ? undefined : 'session'
}

function nameIn(path: StoragePath, prefix: string, ending: string): string | undefined {
  if (!path.startsWith(prefix) || !path.endsWith(ending)) return undefined
  const name = path.slice(prefix.length, path.length - ending.length)
  return /^[0-9a-f]{64}$/.test(name) ? name : undefined
}

function sessionIn(path: StoragePath): string | undefined {
  if (!path.startsWith(SESSION_PREFIX)) return undefined
  const name = path.slice(SESSION_PREFIX.length)
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name) ? name : undefined
}

function servedRoot(record: RootRecord): Uint8Array {
  return encodeRoot({ ...record, head: undefined, local: undefined })
}

function versionOf(bytes: Uint8Array): string {
  return hashBlob(bytes)
}

async function checkFile(
  driver: FolderDriver,
  path: StoragePath,
  file: ReceivedFile,
): Promise<void> {
  const packId = nameIn(path, PACK_PREFIX, '.pack')
  if (packId !== undefined) return checkIncomingPack(packAt(driver, file, packId), packId)
  const name =
    blobIdOfPath(path) ??
    nameIn(path, FRAGMENT_PREFIX, '.idx') ??
    nameIn(path, CONDEMNED_PREFIX, '')
  if (file.hash !== name) {
    throw remoteRefused('The server', path, `its bytes hash to ${file.hash}`)
  }
  if (isBlobList(path) && file.sizeBytes % 32 !== 0) {
    throw remoteRefused('The server', path, 'it is no list of blobs')
  }
}

function checkLease(path: StoragePath, bytes: Uint8Array, rights: Rights): void {
  const lease = decodeCanonical(bytes)
  const isLease =
    typeof lease === 'object' &&
    lease !== null &&
    'sessionId' in lease &&
    'purpose' in lease &&
    lease.sessionId === sessionIn(path)
  if (!isLease) throw remoteRefused('The server', path, 'it is no lease of this name')
  if (lease.purpose !== 'write' && rights !== 'admin') {
    throw remoteRefused('The server', path, 'only admin rights allow to collect garbage')
  }
}

async function isDoomed(
  driver: FolderDriver,
  current: { readonly record: RootRecord } | undefined,
  path: StoragePath,
): Promise<boolean> {
  const doomed = (current?.record.condemned ?? []).filter((file) => file.isDoomed)
  if (doomed.some((file) => file.path === path)) return true
  const blobId = blobIdOfPath(path)
  if (blobId === undefined) return false
  for (const list of doomed.filter((file) => isBlobList(file.path))) {
    try {
      if ((await readCondemnedBlobs(driver, list.path)).some((id) => id === blobId)) return true
    } catch (error) {
      if (!isDsvError(error, 'DSV_STORAGE_NOT_FOUND')) throw error
    }
  }
  return false
}
