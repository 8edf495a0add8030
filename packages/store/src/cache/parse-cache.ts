import { type BlobId, idToBytes } from '../hash/object-id.ts'
import type { LevelCache } from './level-cache.ts'

/** What was computed from blobs by one version of some code. */
export interface ParseCache {
  /** Returns what was computed from a blob, or undefined when it is not known. */
  get(blobId: BlobId): Uint8Array | undefined
  /** One result for each id, in the same order. */
  getMany(blobIds: readonly BlobId[]): Promise<readonly (Uint8Array | undefined)[]>
  /** Keeps what was computed. */
  putMany(entries: Iterable<readonly [BlobId, Uint8Array]>): Promise<void>
}

/**
 * Returns the results of one kind (`namespace`, for example `coco`). What another version than
 * `versionTag` wrote is not there. Without a Level cache it is always empty.
 */
export function parseCache(
  level: LevelCache | undefined,
  namespace: string,
  versionTag: string,
): ParseCache {
  const prefix = Buffer.from(`parse ${namespace}\0`)
  const tag = Buffer.from(`${versionTag}\0`)
  const keyOf = (blobId: BlobId): Uint8Array => Buffer.concat([prefix, idToBytes(blobId)])
  const untagged = (stored: Uint8Array | undefined): Uint8Array | undefined =>
    stored !== undefined && tag.equals(stored.subarray(0, tag.length))
      ? stored.subarray(tag.length)
      : undefined
  return {
    get: (blobId) => untagged(level?.get(keyOf(blobId))),
    getMany: async (blobIds) =>
      (await level?.getMany(blobIds.map(keyOf)))?.map(untagged) ?? blobIds.map(() => undefined),
    putMany: async (entries) => {
      const changes = [...entries].map(([blobId, bytes]) => ({
        key: keyOf(blobId),
        value: Buffer.concat([tag, bytes]),
      }))
      await level?.batch(changes)
    },
  }
}
