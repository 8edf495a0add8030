import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Level } from 'level'
import { systemErrorCode } from '../dsv-error.ts'

/** One change of a cache; an absent value deletes the key. */
export interface CacheChange {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/**
 * Bytes by key that can all be made again. Nothing here throws for what the disk does: a cache that
 * fails forgets everything, and is deleted when it is closed.
 */
export interface LevelCache {
  /** Returns the value of a key, or undefined when it is not known. */
  get(key: Uint8Array): Uint8Array | undefined
  /** One result for each key, in the same order. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Makes all changes at once, or none. */
  batch(changes: readonly CacheChange[]): Promise<void>
  /** Closes the database; a damaged one is deleted. */
  close(): Promise<void>
}

type Database = Level<Uint8Array, Uint8Array>

/**
 * Opens the cache in `folder`, an absolute path. Returns undefined when another process has it open,
 * or when the folder cannot be used: callers then work without. A damaged cache is deleted and begun
 * anew.
 *
 * [Level](https://github.com/Level/level) is loaded only here: most commands never need it.
 */
export async function openLevelCache(folder: string): Promise<LevelCache | undefined> {
  const opened = await tryOpen(folder)
  if (opened.database !== undefined) return cacheOver(opened.database, folder)
  if (opened.problem !== 'damaged') return undefined
  try {
    await rm(folder, { recursive: true, force: true })
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return undefined
  }
  const { database } = await tryOpen(folder)
  return database && cacheOver(database, folder)
}

interface Opened {
  readonly database?: Database
  readonly problem?: 'locked' | 'denied' | 'damaged'
}

async function tryOpen(folder: string): Promise<Opened> {
  const { Level: LevelClass } = await import('level')
  try {
    await mkdir(path.dirname(folder), { recursive: true })
    const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const
    const database = new LevelClass<Uint8Array, Uint8Array>(folder, encodings)
    await database.open()
    return { database }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

/** Level reports why it did not open as the code of the cause. */
function problemOf(error: unknown): 'locked' | 'denied' | 'damaged' {
  const cause =
    typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error
  const codes = new Set([systemErrorCode(error), systemErrorCode(cause)])
  if (codes.has('LEVEL_LOCKED')) return 'locked'
  const text =
    typeof cause === 'object' && cause !== null && 'message' in cause ? cause.message : ''
  const isDenied = /denied|read-only|no space/i.test(String(text))
  return isDenied || codes.has('EACCES') || codes.has('EROFS') ? 'denied' : 'damaged'
}

function cacheOver(database: Database, folder: string): LevelCache {
  let isBroken = false
  /** Whatever goes wrong in here is a reason to do without, not to fail. */
  const attempt = async <Result>(
    use: () => Promise<Result>,
    otherwise: Result,
  ): Promise<Result> => {
    if (isBroken) return otherwise
    try {
      return await use()
    } catch {
      isBroken = true
      return otherwise
    }
  }
  return {
    get(key) {
      if (isBroken) return undefined
      try {
        return database.getSync(key)
      } catch {
        isBroken = true
        return undefined
      }
    },
    getMany: (keys) =>
      attempt<readonly (Uint8Array | undefined)[]>(
        () => database.getMany([...keys]),
        keys.map(() => undefined),
      ),
    batch: (changes) =>
      attempt(
        () =>
          database.batch(
            changes.map(({ key, value }) =>
              value === undefined ? { type: 'del', key } : { type: 'put', key, value },
            ),
          ),
        undefined,
      ),
    close: async () => {
      try {
        await database.close()
      } catch {
        isBroken = true
      }
      if (isBroken) await rm(folder, { recursive: true, force: true })
    },
  }
}
