import { editTree, EMPTY_TREE, type ObjectStore, type TreeRef } from '@dsv/store'
import type { AnnotatedItem, Item, ItemKey } from '../model/item.ts'
import { encodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { encodeItemKey } from '../record/item-key.ts'
import { encodeItem } from '../record/item-record.ts'
import { editList } from '../stage/patch-dataset.ts'

/** The trees of a dataset that hold its items. */
export type ItemTrees = Pick<DatasetRecord, 'items' | 'layers'>

/** What is to be under a key; undefined for nothing. */
export interface ItemVersion {
  readonly key: ItemKey
  readonly item: AnnotatedItem | undefined
}

/** Returns the dataset with these items in the place of those of the same key. */
export async function withItems<Trees extends ItemTrees>(
  store: ObjectStore,
  dataset: Trees,
  items: Iterable<ItemVersion>,
): Promise<Trees> {
  const versions = [...items]
  const itemEdits = editList()
  const names = new Set([
    ...dataset.layers.keys(),
    ...versions.flatMap(({ item }) => Object.keys(item?.layers ?? {})),
  ])
  const layerEdits = new Map([...names].map((name) => [name, editList()]))
  for (const { key, item } of versions) {
    const keyBytes = encodeItemKey(key)
    itemEdits.set({ key: keyBytes, entry: item && encodeItem(bare(item)) })
    for (const [name, edits] of layerEdits) {
      const annotations = item?.layers[name] ?? []
      const entry = annotations.length === 0 ? undefined : encodeAnnotations(key, annotations)
      edits.set({ key: keyBytes, entry })
    }
  }
  const layers = new Map<string, TreeRef>()
  for (const [name, edits] of layerEdits)
    layers.set(name, await editTree(store, dataset.layers.get(name) ?? EMPTY_TREE, edits.sorted()))
  return { ...dataset, items: await editTree(store, dataset.items, itemEdits.sorted()), layers }
}

function bare({ layers: _layers, ...item }: AnnotatedItem): Item {
  return item
}
