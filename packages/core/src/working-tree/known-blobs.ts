import path from 'node:path'
import {
  CACHE_FOLDER,
  loadStatCache,
  openLevelCache,
  type StatCacheEntry,
  type TreeRef,
} from '@dsv/store'
import { REPOSITORY_FOLDER, type Repository } from '../repository/repository.ts'
import type { KnownBlobs } from './compare-working-tree.ts'

/** Known blobs that are kept from one command to the next. */
export interface KeptBlobs extends KnownBlobs {
  /** Forgets a path. */
  forget(path: string): void
  /**
   * Keeps what was remembered, and that afterwards the working tree is exactly `tree` when that is
   * known.
   */
  save(tree?: TreeRef): Promise<void>
  /** The file tree that the working tree was found to be equal to. */
  readonly cleanTree: string | undefined
}

/**
 * Runs `work` with the stat cache of the repository. What it remembers is saved when `work` is done.
 * Without a cache, because it is locked, damaged or gone, files are read instead.
 */
export async function withKnownBlobs<Result>(
  repository: Repository,
  work: (known: KeptBlobs) => Promise<Result>,
): Promise<Result> {
  const folder = path.join(repository.folder, REPOSITORY_FOLDER, CACHE_FOLDER)
  const level = await openLevelCache(folder)
  const cache = loadStatCache(level)
  const entries = new Map<string, StatCacheEntry>()
  const removed = new Set<string>()
  let cleanTree = cache.cleanTree
  const known: KeptBlobs = {
    get cleanTree() {
      return cleanTree
    },
    blobOf: (file, stat) => cache.lookup(file, stat),
    remember: (file, stat, blobId) => {
      removed.delete(file)
      entries.set(file, { path: file, stat, blobId })
    },
    forget: (file) => {
      entries.delete(file)
      removed.add(file)
    },
    save: async (tree) => {
      const clean = tree?.root
      if (entries.size === 0 && removed.size === 0 && clean === cleanTree) return
      cleanTree = clean
      const now = BigInt(Date.now()) * 1_000_000n
      await cache.update(
        { entries: entries.values(), removed, ...(clean !== undefined && { cleanTree: clean }) },
        now,
      )
      entries.clear()
      removed.clear()
    },
  }
  try {
    return await work(known)
  } finally {
    if (entries.size > 0 || removed.size > 0) await known.save()
    await level?.close()
  }
}
