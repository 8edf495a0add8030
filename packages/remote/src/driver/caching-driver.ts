import { ROOT_PATH, type StorageDriver, type StoragePath } from '@dsv/store'
import type { FragmentFolder } from './fragment-folder.ts'

/** A part of a file. */
export interface FileRange {
  readonly path: StoragePath
  readonly offset: number
  readonly length: number
}

/** A storage that answers reads from what it has read before or ahead. */
export interface CachingDriver extends StorageDriver {
  /** Reads parts of immutable files ahead: those that lie close together in one request. */
  prefetch(ranges: readonly FileRange[]): Promise<void>
  /** Says that these were read and will not be again, so that their memory is free. */
  forget(ranges: readonly FileRange[]): void
  /** Keeps index fragments in a folder of this machine too. */
  keepFragments(folder: FragmentFolder): void
  /** Requests and bytes that went to the storage so far. */
  readonly traffic: { readonly requests: number; readonly bytes: number }
}

/** How much is read at once and kept. */
export interface CachingOptions {
  /** Parts that are not further apart than this are read together; 1 MiB by default. */
  readonly gapBytes?: number
  /** The most that one request reads; 32 MiB by default. */
  readonly requestBytes?: number
  /** What a read that was not foreseen reads; 256 KiB by default. */
  readonly pageBytes?: number
  /** What is kept; 128 MiB by default. */
  readonly keepBytes?: number
  /** Requests at once; 8 by default. */
  readonly parallel?: number
}

/** Immutable files: their names are hashes. Index fragments are small and read all over: as a whole. */
const IMMUTABLE = /^objects\/(pack|index|blob)\//
const WHOLE = /^objects\/index\//

interface Piece {
  readonly start: number
  readonly bytes: Uint8Array
}

/**
 * Returns a storage whose reads of immutable files are few and large, for storages where every request
 * has its price and its latency. Everything else goes through.
 */
export function cachingDriver(driver: StorageDriver, options: CachingOptions = {}): CachingDriver {
  const {
    gapBytes = 2 ** 20,
    requestBytes = 32 * 2 ** 20,
    pageBytes = 256 * 1024,
    keepBytes = 128 * 2 ** 20,
    parallel = 8,
  } = options
  /** Pieces by file, the least lately read first. */
  const pieces = new Map<StoragePath, Piece[]>()
  const whole = new Map<StoragePath, Uint8Array>()
  const sizes = new Map<StoragePath, number>()
  const traffic = { requests: 0, bytes: 0 }
  let kept = 0
  let fragments: FragmentFolder | undefined

  async function request(path: StoragePath, offset: number, length: number): Promise<Uint8Array> {
    traffic.requests += 1
    const bytes = await driver.readRange(path, offset, length)
    traffic.bytes += bytes.length
    return bytes
  }
  function keep(path: StoragePath, piece: Piece): void {
    const list = pieces.get(path) ?? []
    pieces.delete(path)
    pieces.set(path, list)
    list.push(piece)
    kept += piece.bytes.length
    for (const [oldest, parts] of pieces) {
      // What came last stays, however large.
      const least = oldest === path ? 1 : 0
      while (kept > keepBytes && parts.length > least) kept -= parts.shift()?.bytes.length ?? 0
      if (kept <= keepBytes || oldest === path) return
      pieces.delete(oldest)
    }
  }
  function find(path: StoragePath, offset: number, length: number): Uint8Array | undefined {
    const piece = pieces
      .get(path)
      ?.findLast(({ start, bytes }) => start <= offset && offset + length <= start + bytes.length)
    return piece?.bytes.slice(offset - piece.start, offset - piece.start + length)
  }
  async function readWhole(path: StoragePath): Promise<Uint8Array> {
    const known = whole.get(path) ?? fragments?.read(path)
    if (known !== undefined) {
      whole.set(path, known)
      return known
    }
    traffic.requests += 1
    const bytes = await driver.read(path)
    traffic.bytes += bytes.length
    whole.set(path, bytes)
    fragments?.keep(path, bytes)
    return bytes
  }

  return {
    location: driver.location,
    localFolder: driver.localFolder,
    packBelowBytes: driver.packBelowBytes,
    traffic,
    async read(path) {
      if (WHOLE.test(path)) return Uint8Array.from(await readWhole(path))
      traffic.requests += 1
      const bytes = await driver.read(path)
      traffic.bytes += bytes.length
      return bytes
    },
    async readRange(path, offset, length) {
      if (!IMMUTABLE.test(path)) return request(path, offset, length)
      if (WHOLE.test(path)) {
        const bytes = await readWhole(path)
        const from = offset < 0 ? Math.max(0, bytes.length + offset) : offset
        return bytes.slice(from, from + length)
      }
      const known = offset < 0 ? undefined : find(path, offset, length)
      if (known !== undefined) return known
      if (offset < 0 || length >= pageBytes) return request(path, offset, length)
      const start = Math.floor(offset / pageBytes) * pageBytes
      const bytes = await request(path, start, Math.max(pageBytes, offset + length - start))
      keep(path, { start, bytes })
      return bytes.slice(offset - start, offset - start + length)
    },
    async sizeOf(path) {
      const known = whole.get(path)?.length ?? sizes.get(path)
      if (known !== undefined) return known
      if (WHOLE.test(path)) {
        try {
          return (await readWhole(path)).length
        } catch (error) {
          if (isMissing(error)) return undefined
          throw error
        }
      }
      traffic.requests += 1
      const size = await driver.sizeOf(path)
      if (size !== undefined && IMMUTABLE.test(path)) sizes.set(path, size)
      return size
    },
    async write(path, bytes) {
      traffic.requests += 1
      await driver.write(path, bytes)
      if (WHOLE.test(path)) fragments?.keep(path, bytes)
    },
    list: (prefix) => {
      traffic.requests += 1
      return driver.list(prefix)
    },
    async delete(path) {
      pieces.delete(path)
      whole.delete(path)
      sizes.delete(path)
      traffic.requests += 1
      await driver.delete(path)
    },
    async readVersioned(path) {
      // A blob that was there may have been collected since; before a swap the root is read.
      if (path === ROOT_PATH) sizes.clear()
      traffic.requests += 1
      return driver.readVersioned(path)
    },
    async replaceIf(path, expected, bytes) {
      traffic.requests += 1
      return driver.replaceIf(path, expected, bytes)
    },
    flush: async () => driver.flush(),
    close: async () => driver.close?.(),
    keepFragments(folder) {
      fragments = folder
    },
    forget(ranges) {
      const starts = new Map<StoragePath, Set<number>>()
      for (const { path, offset } of ranges)
        starts.set(path, (starts.get(path) ?? new Set()).add(offset))
      for (const [path, offsets] of starts) {
        const rest: Piece[] = []
        for (const piece of pieces.get(path) ?? [])
          if (offsets.has(piece.start)) kept -= piece.bytes.length
          else rest.push(piece)
        if (rest.length > 0) pieces.set(path, rest)
        else pieces.delete(path)
      }
    },
    async prefetch(ranges) {
      const missing = ranges.filter(
        ({ path, offset, length }) => find(path, offset, length) === undefined,
      )
      const requests = joinRanges(missing, gapBytes, requestBytes)
      let next = 0
      const run = async (): Promise<void> => {
        for (let at = next++; at < requests.length; at = next++) {
          const range = requests[at]
          if (range === undefined) return
          const bytes = await request(range.path, range.offset, range.length)
          keep(range.path, { start: range.offset, bytes })
        }
      }
      await Promise.all(Array.from({ length: Math.min(parallel, requests.length) }, run))
    },
  }
}

/** Returns ranges that cover the given ones, sorted, where neighbours are joined. */
export function joinRanges(
  ranges: readonly FileRange[],
  gapBytes: number,
  requestBytes: number,
): readonly FileRange[] {
  const sorted = ranges.toSorted((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : a.offset - b.offset,
  )
  const joined: { path: StoragePath; offset: number; length: number }[] = []
  for (const { path, offset, length } of sorted) {
    const last = joined.at(-1)
    const end = last === undefined ? 0 : last.offset + last.length
    const isNear = last !== undefined && last.path === path && offset - end <= gapBytes
    if (isNear && Math.max(end, offset + length) - last.offset <= requestBytes)
      last.length = Math.max(end, offset + length) - last.offset
    else joined.push({ path, offset, length })
  }
  return joined
}

function isMissing(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'DSV_STORAGE_NOT_FOUND'
  )
}
