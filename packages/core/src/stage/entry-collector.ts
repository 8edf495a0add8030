import {
  EMPTY_TREE,
  type ObjectStore,
  SortedEntries,
  type TreeEntry,
  type TreeRef,
} from '@dsv/store'
import { itemDuplicate } from '../errors.ts'
import { GROUND_TRUTH } from '../model/item.ts'
import { decodeItemKey } from '../record/item-key.ts'
import { replaceTree } from './replace-tree.ts'

/** Where entries go. */
export interface CollectorContext {
  readonly store: ObjectStore
  /** Folder for runs of entries that do not fit in memory. */
  readonly temporaryFolder: string | undefined
  /** Layers that are replaced even when no item speaks of them. */
  readonly layers?: Iterable<string>
}

/** The entries of one item: its own, and in each layer that speaks of it. */
export interface ItemEntries {
  readonly item: TreeEntry
  readonly layers: readonly (readonly [layer: string, entry: TreeEntry | undefined])[]
}

/** Collects the entries of the trees of a dataset in any order. */
export interface EntryCollector {
  add(entries: ItemEntries): void
  items(before: TreeRef): Promise<TreeRef>
  layers(before: ReadonlyMap<string, TreeRef>): Promise<ReadonlyMap<string, TreeRef>>
  close(): void
}

/** Returns a collector of nothing. Two items of one key are refused. */
export function entryCollector(context: CollectorContext): EntryCollector {
  const sorted = (): SortedEntries =>
    new SortedEntries({
      ...(context.temporaryFolder !== undefined && { folder: context.temporaryFolder }),
      onDuplicate: (key) => {
        throw itemDuplicate(decodeItemKey(key))
      },
    })
  const items = sorted()
  const replaced = new Set([GROUND_TRUTH, ...(context.layers ?? [])])
  const byLayer = new Map([...replaced].map((layer) => [layer, sorted()]))
  const entriesOf = (layer: string): SortedEntries => {
    const known = byLayer.get(layer)
    if (known !== undefined) return known
    const made = sorted()
    byLayer.set(layer, made)
    return made
  }
  return {
    add: ({ item, layers }) => {
      items.add(item)
      for (const [layer, entry] of layers) {
        const entries = entriesOf(layer)
        if (entry !== undefined) entries.add(entry)
      }
    },
    items: async (before) => replaceTree(context.store, before, items.sorted()),
    layers: async (before) => {
      const layers = new Map(before)
      for (const [name, entries] of byLayer)
        layers.set(
          name,
          await replaceTree(context.store, before.get(name) ?? EMPTY_TREE, entries.sorted()),
        )
      return layers
    },
    close: () => {
      for (const entries of [items, ...byLayer.values()]) entries.close()
    },
  }
}
