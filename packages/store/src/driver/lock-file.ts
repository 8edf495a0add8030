import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { systemErrorCode } from '../dsv-error.ts'
import { lockHeld } from '../errors.ts'
import { type FileSystem, readFully, withFile, writeFully } from './file-system.ts'
import { ownerState, type ProcessOwner, readOwner, thisOwner } from './process-owner.ts'

/** How long to wait for a lock, and who we are. */
export interface LockOptions {
  /** How long to wait before giving up, in milliseconds; 10,000 by default. */
  readonly waitMs?: number
}

/**
 * Runs `use` while a lock file exists that only this process could create. What a dead owner left is
 * removed; `use` must be short and synchronous, so an owner cannot sleep while it holds the lock.
 *
 * @throws `DSV_LOCK_HELD` when another owner held it all the time
 */
export async function withLockFile<Result>(
  files: FileSystem,
  file: string,
  use: () => Result,
  options: LockOptions = {},
): Promise<Result> {
  const { waitMs = 10_000 } = options
  const until = performance.now() + waitMs
  for (let attempt = 0; !tryLock(files, file); attempt += 1) {
    const held = readLock(files, file)
    if (held !== undefined && isStale(held) && breakLock(files, file, held.text)) continue
    if (performance.now() > until) throw lockHeld(file, describeOwner(held?.owner))
    await sleep(Math.random() * Math.min(2 ** Math.min(attempt, 10), 100))
  }
  try {
    return use()
  } finally {
    removeIfThere(files, file)
  }
}

interface HeldLock {
  readonly text: string
  readonly owner: ProcessOwner | undefined
  readonly ageMs: number
}

function tryLock(files: FileSystem, file: string): boolean {
  let descriptor: number
  try {
    descriptor = files.open(file, 'wx')
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false
    throw error
  }
  try {
    writeFully(files, descriptor, Buffer.from(JSON.stringify(lockContent())))
  } catch (error) {
    removeIfThere(files, file)
    throw error
  } finally {
    files.close(descriptor)
  }
  return true
}

function lockContent(): ProcessOwner & { readonly nonce: string } {
  return { ...thisOwner(), nonce: randomBytes(8).toString('hex') }
}

function readLock(files: FileSystem, file: string): HeldLock | undefined {
  try {
    const bytes = withFile(files, file, 'r', (descriptor) => readFully(files, descriptor, 0, 4096))
    const text = bytes.toString('utf8')
    const ageMs = Date.now() - files.status(file).modifiedMs
    return { text, owner: parseOwner(text), ageMs }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    if (systemErrorCode(error) === 'EISDIR') return lockOfSftp(files, file)
    throw error
  }
}

/**
 * A writer that came by SFTP makes its lock a folder with what it will commit inside. An empty one is
 * released. One that was left behind may be taken away at any time: its owner commits by renaming through
 * the lock, which then fails.
 */
function lockOfSftp(files: FileSystem, folder: string): HeldLock | undefined {
  const held = { text: '', owner: undefined, ageMs: 0 }
  try {
    if (files.list(folder).length === 0) {
      files.removeFolder(folder)
    } else if (Date.now() - files.status(folder).modifiedMs > OTHER_HOST_MS) {
      const taken = `${folder}.${randomBytes(8).toString('hex')}`
      files.rename(folder, taken)
      for (const { name } of files.list(taken)) files.unlink(`${taken}/${name}`)
      files.removeFolder(taken)
    } else {
      return held
    }
    return undefined
  } catch (error) {
    const code = systemErrorCode(error)
    // Released meanwhile, or taken by somebody else.
    if (code === 'ENOENT') return undefined
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return held
    throw error
  }
}

function parseOwner(text: string): ProcessOwner | undefined {
  try {
    return readOwner(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** A lock is held for milliseconds; these allow for a machine that was suspended meanwhile. */
const UNREADABLE_MS = 5_000
const OTHER_HOST_MS = 60_000

function isStale({ owner, ageMs }: HeldLock): boolean {
  if (owner === undefined) return ageMs > UNREADABLE_MS
  const state = ownerState(owner)
  return state === 'gone' || (state === 'elsewhere' && ageMs > OTHER_HOST_MS)
}

/**
 * Removes a stale lock unless somebody else did and locked anew. A second lock file makes looking and
 * removing one step; it is held for microseconds, so one that is seconds old has lost its owner.
 */
function breakLock(files: FileSystem, file: string, staleText: string): boolean {
  const guard = `${file}.break`
  if (!tryLock(files, guard)) {
    const held = readLock(files, guard)
    if (held !== undefined && held.ageMs > UNREADABLE_MS) removeIfThere(files, guard)
    return false
  }
  try {
    if (readLock(files, file)?.text !== staleText) return false
    removeIfThere(files, file)
    return true
  } finally {
    removeIfThere(files, guard)
  }
}

function removeIfThere(files: FileSystem, file: string): void {
  try {
    files.unlink(file)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
}

function describeOwner(owner: ProcessOwner | undefined): string {
  return owner === undefined ? 'an unknown process' : `process ${owner.pid} on ${owner.host}`
}
