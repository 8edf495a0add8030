import type { ObjectStore } from '../object/object-store.ts'
import { TreeBuilder } from './tree-builder.ts'
import type { TreeSettings } from './tree-settings.ts'
import type { TreeEntry, TreeRef } from './tree.ts'

/**
 * Writes a tree of entries in ascending order of their keys, each once; anything else is an error of
 * the caller. Holds one node per level in memory. A synchronous source is the faster one.
 *
 * @throws `DSV_TREE_KEY_TOO_LONG`
 */
export async function buildTree(
  store: ObjectStore,
  entries: Iterable<TreeEntry> | AsyncIterable<TreeEntry>,
  settings?: TreeSettings,
): Promise<TreeRef> {
  const builder = new TreeBuilder(store, settings)
  if (Symbol.asyncIterator in entries) {
    for await (const entry of entries) await builder.addEntry(entry)
  } else {
    for (const entry of entries) {
      const wait = builder.addEntry(entry)
      if (wait !== undefined) await wait
    }
  }
  return builder.finish()
}
