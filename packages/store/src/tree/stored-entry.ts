import type { AnyId, BlobId } from '../hash/object-id.ts'
import { isIdText, toBlobId } from '../hash/object-id.ts'
import type { ObjectReader, ObjectStore } from '../object/object-store.ts'
import { equalBytes } from './compare-bytes.ts'
import type { TreeEntry } from './tree.ts'

/** How many long values are read and held at the same time. */
export const BLOBS_AT_ONCE = 32

/**
 * An entry as a node holds it. The value of an indirect entry is a blob, whose id is the last of its
 * links, and `value` is empty.
 */
export interface StoredEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly links: readonly AnyId[]
  readonly isIndirect: boolean
}

/** Returns whether both entries say the same; their keys are not compared. */
export function sameContent(a: StoredEntry, b: StoredEntry): boolean {
  if (a.isIndirect !== b.isIndirect || a.links.length !== b.links.length) return false
  for (let at = 0; at < a.links.length; at += 1) if (a.links[at] !== b.links[at]) return false
  return equalBytes(a.value, b.value)
}

/** Returns the logical size of an entry: key + value + 32 per link + 2; a blob counts as its link. */
export function entrySizeBytes(entry: StoredEntry): number {
  return entry.key.length + entry.value.length + 32 * entry.links.length + 2
}

/** Moves a value longer than `inlineBytes` into a blob. */
export async function storeIndirect(store: ObjectStore, entry: TreeEntry): Promise<StoredEntry> {
  const blobId = await store.putBlob(entry.value)
  return {
    key: entry.key,
    value: entry.value.subarray(0, 0),
    links: [...entry.links, blobId],
    isIndirect: true,
  }
}

/** Returns an entry as users see it, its value read from its blob where it lies in one. */
export async function resolveEntry(reader: ObjectReader, entry: StoredEntry): Promise<TreeEntry> {
  const { key, links } = entry
  if (!entry.isIndirect) return { key, value: entry.value, links }
  return { key, value: await reader.getBlob(blobOf(entry)), links: links.slice(0, -1) }
}

function blobOf(entry: StoredEntry): BlobId {
  const last = entry.links.at(-1)
  if (last === undefined || !isIdText(last)) throw new Error('an indirect entry without its blob')
  return toBlobId(last)
}
