import {
  buildTree,
  editTree,
  type ObjectStore,
  scanBatches,
  type TreeEdit,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'

/**
 * Returns the tree of `entries` (sorted by key). Where `before` holds the same entries its nodes stay,
 * so what is written is proportional to the difference.
 */
export async function replaceTree(
  store: ObjectStore,
  before: TreeRef,
  entries: Iterable<TreeEntry>,
): Promise<TreeRef> {
  if (before.root === undefined) return buildTree(store, entries)
  return editTree(store, before, differences(store, before, entries))
}

async function* differences(
  store: ObjectStore,
  before: TreeRef,
  entries: Iterable<TreeEntry>,
): AsyncGenerator<TreeEdit> {
  const old = oneByOne(scanBatches(store, before))
  let next = await old.next()
  for (const entry of entries) {
    let isKnown = false
    while (!next.done && !isKnown) {
      const order = Buffer.compare(next.value.key, entry.key)
      if (order > 0) break
      if (order < 0) yield { key: next.value.key, entry: undefined }
      else isKnown = isSameEntry(next.value, entry)
      const isMatch = order === 0
      next = await old.next()
      if (isMatch) break
    }
    if (!isKnown) yield { key: entry.key, entry }
  }
  for (; !next.done; next = await old.next()) yield { key: next.value.key, entry: undefined }
}

/** Returns whether two entries of one key hold the same. */
export function isSameEntry(a: TreeEntry, b: TreeEntry): boolean {
  return (
    Buffer.compare(a.value, b.value) === 0 &&
    a.links.length === b.links.length &&
    a.links.every((link, at) => link === b.links[at])
  )
}

async function* oneByOne(batches: AsyncIterable<readonly TreeEntry[]>): AsyncGenerator<TreeEntry> {
  for await (const batch of batches) yield* batch
}
