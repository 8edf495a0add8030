import type { StorageDriver, StorageEntry, StoragePath } from '@dsv/store'

/** One page of a listing. */
export interface ListPage {
  readonly entries: readonly StorageEntry[]
  /** Whether there is more after the last entry. */
  readonly isCut: boolean
}

/** Which page is wanted. */
export interface ListQuery {
  readonly prefix: StoragePath
  /** The last path of the page before; empty for the first. */
  readonly after: StoragePath
  /** Leaves files out. */
  readonly isShown: (path: StoragePath) => boolean
}

interface OpenListing {
  readonly rest: AsyncIterator<StorageEntry>
  readonly openedMs: number
}

const MOST_OPEN = 16
const OPEN_FOR_MS = 60_000

/**
 * Returns a function that gives listings in pages. Where a page ended it goes on without listing anew, as
 * long as the next page is asked for within a minute.
 */
export function listPages(
  driver: StorageDriver,
  pageSize: number,
  nowMs: () => number = Date.now,
): (query: ListQuery) => Promise<ListPage> {
  const open = new Map<string, OpenListing>()

  function take(key: string): AsyncIterator<StorageEntry> | undefined {
    const found = open.get(key)
    open.delete(key)
    return found !== undefined && nowMs() - found.openedMs < OPEN_FOR_MS ? found.rest : undefined
  }
  function keep(key: string, rest: AsyncIterator<StorageEntry>): void {
    open.set(key, { rest, openedMs: nowMs() })
    for (const oldest of open.keys()) {
      if (open.size <= MOST_OPEN) return
      open.delete(oldest)
    }
  }
  return async ({ prefix, after, isShown }) => {
    const keyAt = (path: StoragePath): string => JSON.stringify([prefix, path])
    const rest = take(keyAt(after)) ?? driver.list(prefix)[Symbol.asyncIterator]()
    const entries: StorageEntry[] = []
    for (;;) {
      const next = await rest.next()
      if (next.done === true) return { entries, isCut: false }
      if (next.value.path <= after || !isShown(next.value.path)) continue
      entries.push(next.value)
      if (entries.length < pageSize) continue
      keep(keyAt(next.value.path), rest)
      return { entries, isCut: true }
    }
  }
}
