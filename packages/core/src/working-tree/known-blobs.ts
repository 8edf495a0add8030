import path from 'node:path'
import {
  CACHE_FOLDER,
  loadStatCache,
  type ObjectId,
  openLevelCache,
  resultCache,
  type ResultCache,
  type StatCacheEntry,
  type TreeRef,
} from '@dsv/store'
import { REPOSITORY_FOLDER, type Repository } from '../repository/repository.ts'
import type { KnownBlobs } from './compare-working-tree.ts'
import { fileSystemClock } from './file-system-clock.ts'

/** To be raised when what is computed of the same input changes. */
const RESULTS_VERSION = 1

/** So many remembered files are kept together. */
const EARLY_ENTRIES = 16_384

/** Known blobs that are kept from one command to the next. */
export interface KeptBlobs extends KnownBlobs {
  /** What else was computed and is kept. */
  readonly results: ResultCache
  /** What time it is by the clock of the file system, in nanoseconds since 1970 UTC. */
  nowNs(): bigint
  /** Forgets a path. */
  forget(path: string): void
  /**
   * Says that what is known of the tracked files of `tree`, and of no others, is what `tree` says. The
   * next comparison with it then reads neither files nor tree. Undefined takes that back.
   */
  agree(tree: TreeRef | undefined): void
}

/**
 * Runs `work` with the stat cache of the repository and keeps what it remembers; when `work` fails,
 * or when `isKept` is false because nothing of it is published, the cache stays as it was. Without a
 * cache, because it is locked, damaged or gone, files are read instead.
 *
 * With `isKeptEarly` what is remembered goes to the cache while `work` goes on, for work that
 * remembers a million files and looks none up after: it says what is in files, which stays true.
 */
export async function withKnownBlobs<Result>(
  repository: Repository,
  work: (known: KeptBlobs) => Promise<Result>,
  { isKept = true, isKeptEarly = false }: { isKept?: boolean; isKeptEarly?: boolean } = {},
): Promise<Result> {
  // Files that change from now on may do so without their stat showing it.
  const startNs = fileSystemClock(repository.folder)
  const folder = path.join(repository.folder, REPOSITORY_FOLDER, CACHE_FOLDER)
  const level = await openLevelCache(folder)
  let kept = Promise.resolve()
  try {
    const cache = loadStatCache(level)
    const entries = new Map<string, StatCacheEntry>()
    const removed = new Set<string>()
    let agreed = cache.cleanTree
    const keep = (cleanTree: ObjectId | undefined): void => {
      const changes = { entries: [...entries.values()], removed: [...removed] }
      entries.clear()
      removed.clear()
      const marked = cleanTree === undefined ? changes : { ...changes, cleanTree }
      kept = kept.then(async () => cache.update(marked))
    }
    const result = await work({
      results: resultCache(level, RESULTS_VERSION),
      get agreesWith() {
        return agreed
      },
      nowNs: () => fileSystemClock(repository.folder),
      agree: (tree) => {
        agreed = tree?.root
      },
      blobOf: (file, stat) => cache.lookup(file, stat),
      has: (file, stat) => cache.has(file, stat),
      remember: (file, stat, blobId, seenNs = startNs) => {
        removed.delete(file)
        entries.set(file, { path: file, stat, blobId, seenNs })
        if (isKeptEarly && entries.size === EARLY_ENTRIES) keep(undefined)
      },
      forget: (file) => {
        entries.delete(file)
        removed.add(file)
      },
    })
    await kept
    const isSame = entries.size === 0 && removed.size === 0 && agreed === cache.cleanTree
    if (isKept && !isSame) keep(agreed)
    await kept
    return result
  } finally {
    await kept
    await level?.close()
  }
}
