import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { hashBlob, lockHeld, storageConflict, storageDenied, storageFailed } from '@dsv/store'

import { remoteUnsafe } from '../../errors.ts'
import { isMissing, SFTP_STATUS, sftpStatus, sftpWriteError } from './sftp-errors.ts'
import {
  deleteEmptyFolder,
  deleteFile,
  lstatFile,
  makeFolder,
  moveOver,
  namesInFolder,
  readWholeFile,
  syncFile,
  writeNewFile,
} from './sftp-files.ts'
import type { SftpLink } from './sftp-link.ts'
import { isConnectionLost, type SftpSession } from './sftp-session.ts'

/** When the lock of a file counts as left behind. */
export interface SftpLockOptions {
  /** A lock that somebody sees unchanged for so long is taken away, in milliseconds; 20,000 by default. */
  readonly staleMs?: number
  /** How long to wait for a lock, in milliseconds; 90,000 by default. */
  readonly waitMs?: number
}

/** A file that is to be replaced, by names on the server. */
export interface SftpReplacement {
  readonly location: string
  /** In the storage, for messages. */
  readonly path: string
  readonly target: string
  /** A folder of the same file system for what is being prepared. */
  readonly scratch: string
  readonly expected: string | undefined
  readonly bytes: Uint8Array
}

/**
 * Replaces a file if it still has the version `expected`. SFTP has no compare-and-swap, so it is made from
 * the one thing that servers do at once: `rename`.
 *
 * 1. A folder with a name of its own is prepared in `scratch`. It holds the new bytes, flushed, as a file
 *    that is named after a random number, the nonce.
 * 2. The folder is renamed to `<target>.lock`. `rename(2)` never replaces a folder that is not empty, so of
 *    many only one succeeds: it holds the lock, and the lock holds its bytes.
 * 3. The owner reads the target and compares.
 * 4. It renames `<target>.lock/<nonce>` over the target. This is the commit point, and it leaves an empty
 *    folder. An empty folder is no lock: anybody may remove it or rename theirs over it.
 *
 * Whoever sees the same lock unchanged for `staleMs`, by its own clock, takes it away by renaming it. This
 * is safe even if the owner is alive and merely slow, because step 4 goes *through* the lock: once the
 * lock has been renamed, `<target>.lock/<nonce>` does not exist, and the owner's rename fails instead of
 * overwriting what came since. The server orders the two renames; either the commit comes first, and the
 * taker, who reads the target after that, sees it, or it never happens. Two takers, or one that takes a
 * lock which was renewed a moment ago, cost somebody another round and nothing else.
 *
 * A crash before 2 leaves rubbish in `scratch`; between 2 and 4 a lock that is taken away; after 4 an
 * empty folder. The target is complete at every moment. When the connection breaks, the nonce tells what
 * happened: `<target>.lock/<nonce>` exists only while the lock is ours and the commit has not been made.
 *
 * The name is that of the lock file of a repository in a folder, so that a writer on the server itself and
 * one that comes by SFTP keep each other out.
 *
 * @throws `DSV_STORAGE_CONFLICT`, `DSV_LOCK_HELD`, `DSV_STORAGE_FULL`, `DSV_STORAGE_DENIED`,
 *   `DSV_STORAGE_FAILED`, `DSV_REMOTE_UNSAFE`
 */
export async function replaceUnderLock(
  link: SftpLink,
  replacement: SftpReplacement,
  options: SftpLockOptions = {},
): Promise<string> {
  const { location, path, bytes } = replacement
  for (let round = 0; round < ROUNDS; round += 1) {
    const lock = prepareLock(replacement)
    await link.use((session) => prepare(session, replacement, lock))
    try {
      await acquire(link, replacement, lock, options)
      const outcome = await commit(link, replacement, lock)
      if (outcome === 'replaced') return hashBlob(bytes)
      if (outcome === 'conflict') throw storageConflict(location, path)
    } finally {
      await cleanUp(link, lock)
    }
  }
  throw lockHeld(`${location}/${path}.lock`, 'others, who took it away time and again')
}

/** How often a lock may be taken away from us. */
const ROUNDS = 5

interface Lock {
  readonly nonce: string
  /** The folder before it is renamed. */
  readonly prepared: string
  readonly folder: string
  /** The new bytes, once the lock is held. */
  readonly inside: string
}

function prepareLock({ target, scratch }: SftpReplacement): Lock {
  const nonce = randomUUID()
  const folder = `${target}.lock`
  return { nonce, prepared: `${scratch}/${nonce}`, folder, inside: `${folder}/${nonce}` }
}

async function prepare(
  session: SftpSession,
  { location, path, target, scratch, bytes, expected }: SftpReplacement,
  { prepared, nonce }: Lock,
): Promise<void> {
  if (!session.canReplace && expected !== undefined) {
    const problem = 'the server cannot replace a file at once (posix-rename@openssh.com is missing)'
    throw remoteUnsafe(location, problem)
  }
  try {
    await makeFolder(session, prepared)
    await makeFolder(session, target.slice(0, target.lastIndexOf('/')))
    await writeNewFile(session, `${prepared}/${nonce}`, bytes)
  } catch (error) {
    const place = { location, path, folder: scratch }
    throw await sftpWriteError(session, error, place, bytes.length)
  }
}

async function acquire(
  link: SftpLink,
  replacement: SftpReplacement,
  lock: Lock,
  { staleMs = 20_000, waitMs = 90_000 }: SftpLockOptions,
): Promise<void> {
  const untilMs = performance.now() + waitMs
  let seen = { what: '', sinceMs: 0 }
  let withoutReason = 0
  for (let attempt = 0; ; attempt += 1) {
    const refused = await link.use((session) => tryAcquire(session, lock))
    if (refused === undefined) return
    const nowMs = performance.now()
    withoutReason = refused.what === undefined ? withoutReason + 1 : 0
    if (refused.what === undefined) {
      // A lock that is gone by now was released. That of everybody else, time and again, was none.
      const isDenied = sftpStatus(refused.error) === SFTP_STATUS.permissionDenied
      if (isDenied || withoutReason > 30) throw refusedError(refused.error, replacement)
    } else if (refused.what !== seen.what) {
      seen = { what: refused.what, sinceMs: nowMs }
    } else if (nowMs - seen.sinceMs > staleMs) {
      await link.use((session) => takeAway(session, replacement, lock))
    }
    if (nowMs > untilMs) {
      throw lockHeld(`${replacement.location}/${replacement.path}.lock`, 'another writer')
    }
    await sleep(Math.random() * Math.min(10 * 2 ** Math.min(attempt, 10), 500))
  }
}

interface Refused {
  /** What the lock looks like; undefined when there is none now. */
  readonly what: string | undefined
  readonly error: unknown
}

/** Returns undefined when the lock is held by us, perhaps since an attempt whose answer was lost. */
async function tryAcquire(session: SftpSession, lock: Lock): Promise<Refused | undefined> {
  try {
    await moveOver(session, lock.prepared, lock.folder)
    return undefined
  } catch (error) {
    if (isConnectionLost(error)) throw error
    const names = await lockNames(session, lock.folder)
    if (names?.includes(lock.nonce) === true) return undefined
    if (names?.length === 0) await deleteEmptyFolder(session, lock.folder)
    return { what: names?.length === 0 ? undefined : names?.join('/'), error }
  }
}

/** What tells one lock from another: the names in it, or when it is a file of this time and size. */
async function lockNames(
  session: SftpSession,
  folder: string,
): Promise<readonly string[] | undefined> {
  const found = await lstatFile(session, folder)
  if (found === undefined) return undefined
  if (!found.isDirectory()) return [`file ${found.mtime} ${found.size}`]
  const names = await namesInFolder(session, folder)
  return names?.map((each) => each.filename).toSorted()
}

function refusedError(error: unknown, { location, path }: SftpReplacement): unknown {
  const file = `${location}/${path}.lock`
  return sftpStatus(error) === SFTP_STATUS.permissionDenied
    ? storageDenied(file, error)
    : storageFailed(file, error)
}

/** Renames a lock that was left behind, so that it is nobody's, and deletes it. */
async function takeAway(
  session: SftpSession,
  { scratch }: SftpReplacement,
  { folder }: Lock,
): Promise<void> {
  const stale = `${scratch}/${randomUUID()}`
  try {
    await moveOver(session, folder, stale)
  } catch (error) {
    // Somebody else was first, or it was released.
    if (sftpStatus(error) === undefined) throw error
    return
  }
  await deleteLock(session, stale)
}

async function commit(
  link: SftpLink,
  { location, path, target, expected, bytes }: SftpReplacement,
  { inside }: Lock,
): Promise<'replaced' | 'conflict' | 'lost the lock'> {
  const before = await link.use((session) => versionOf(session, target))
  if (before !== expected) return 'conflict'
  let attempts = 0
  try {
    await link.use(async (session) => {
      attempts += 1
      await moveOver(session, inside, target)
    })
  } catch (error) {
    if (!isMissing(error)) throw error
    // The bytes are gone from the lock: renamed by an attempt whose answer was lost, or taken away.
    const after = await link.use((session) => versionOf(session, target))
    if (after === expected) return 'lost the lock'
    if (after !== hashBlob(bytes)) {
      if (attempts === 1) return 'conflict'
      const problem =
        'the connection was lost while it was replaced, and others have replaced it since'
      throw storageFailed(`${location}/${path}`, new Error(problem))
    }
  }
  await link.use((session) => syncFile(session, target))
  return 'replaced'
}

async function versionOf(session: SftpSession, file: string): Promise<string | undefined> {
  const bytes = await readWholeFile(session, file)
  return bytes && hashBlob(bytes)
}

/** Releases the lock if it is ours still, and deletes what was prepared. What fails is left to others. */
async function cleanUp(link: SftpLink, lock: Lock): Promise<void> {
  try {
    // Sent at once; servers answer in order, and one that does not leaves an empty folder.
    await link.use((session) =>
      Promise.all([
        deleteFile(session, lock.inside),
        deleteEmptyFolder(session, lock.folder),
        deleteFile(session, `${lock.prepared}/${lock.nonce}`),
        deleteEmptyFolder(session, lock.prepared),
      ]),
    )
  } catch {
    // The outcome is decided; a lock that is left is taken away by whoever comes next.
  }
}

async function deleteLock(session: SftpSession, stale: string): Promise<void> {
  const found = await lstatFile(session, stale)
  if (found?.isDirectory() !== true) return deleteFile(session, stale)
  for (const { filename } of (await namesInFolder(session, stale)) ?? []) {
    await deleteFile(session, `${stale}/${filename}`)
  }
  await deleteEmptyFolder(session, stale)
}
