import { getEntry, type ObjectReader, scanBatches, type TreeEntry, type TreeRef } from '@dsv/store'
import type { DatasetView } from '../format/format-adapter.ts'
import type { Annotation } from '../model/annotation.ts'
import type { AnnotatedItem, Item, ItemKey } from '../model/item.ts'
import { decodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { decodeItemKey, encodeItemKey, subsetRange } from '../record/item-key.ts'
import { decodeItem } from '../record/item-record.ts'

/**
 * Returns a stored dataset as adapters, queries and views see it. Items come in key order; memory
 * grows with one node of each tree.
 *
 * @param layout - What the adapter that will look at it remembers of the folder, null for another one
 */
export async function datasetView(
  reader: ObjectReader,
  dataset: DatasetRecord,
  layout: DatasetView['layout'] = dataset.layout,
): Promise<DatasetView> {
  return {
    schema: dataset.schema,
    layout,
    subsets: await subsetsOf(reader, dataset.items),
    items: (subset) => annotatedItems(reader, dataset, subset),
    item: async (key) => annotatedItemAt(reader, dataset, key),
  }
}

/** Returns one item with all that is said about it. */
export async function annotatedItemAt(
  reader: ObjectReader,
  dataset: Pick<DatasetRecord, 'items' | 'layers'>,
  key: ItemKey,
): Promise<AnnotatedItem | undefined> {
  const keyBytes = encodeItemKey(key)
  const entry = await getEntry(reader, dataset.items, keyBytes)
  if (entry === undefined) return undefined
  const layers: Record<string, readonly Annotation[]> = {}
  for (const [name, tree] of dataset.layers) {
    const annotations = await getEntry(reader, tree, keyBytes)
    if (annotations !== undefined) layers[name] = decodeAnnotations(annotations)
  }
  return { ...decodeItem(entry), layers }
}

/** Returns the names of the subsets of a tree of items, sorted; reads a few nodes per subset. */
export async function subsetsOf(reader: ObjectReader, items: TreeRef): Promise<readonly string[]> {
  const subsets: string[] = []
  let from: Uint8Array = new Uint8Array()
  for (;;) {
    const first = await firstFrom(reader, items, from)
    if (first === undefined) return subsets
    const { subset } = decodeItemKey(first.key)
    subsets.push(subset)
    from = subsetRange(subset).to ?? first.key
  }
}

async function firstFrom(
  reader: ObjectReader,
  tree: TreeRef,
  from: Uint8Array,
): Promise<TreeEntry | undefined> {
  for await (const [first] of scanBatches(reader, tree, { from })) return first
  return undefined
}

async function* annotatedItems(
  reader: ObjectReader,
  dataset: DatasetRecord,
  subset: string | undefined,
): AsyncGenerator<AnnotatedItem> {
  const range = subset === undefined ? {} : subsetRange(subset)
  const layers = [...dataset.layers].map(([name, tree]) => ({
    name,
    cursor: entryCursor(scanBatches(reader, tree, range)),
  }))
  for await (const entries of scanBatches(reader, dataset.items, range)) {
    for (const entry of entries) {
      const item: Item = decodeItem(entry)
      const found: Record<string, readonly Annotation[]> = {}
      for (const { name, cursor } of layers) {
        const annotations = await cursor.at(entry.key)
        if (annotations !== undefined) found[name] = decodeAnnotations(annotations)
      }
      yield { ...item, layers: found }
    }
  }
}

/** Follows a sorted scan: keys must be asked for in ascending order. */
interface EntryCursor {
  at(key: Uint8Array): Promise<TreeEntry | undefined>
}

function entryCursor(batches: AsyncIterable<readonly TreeEntry[]>): EntryCursor {
  const iterator = batches[Symbol.asyncIterator]()
  let batch: readonly TreeEntry[] = []
  let next = 0
  const current = async (): Promise<TreeEntry | undefined> => {
    while (next >= batch.length) {
      const result = await iterator.next()
      if (result.done === true) return undefined
      batch = result.value
      next = 0
    }
    return batch[next]
  }
  return {
    at: async (key) => {
      for (let entry = await current(); entry !== undefined; entry = await current()) {
        const order = Buffer.compare(entry.key, key)
        if (order > 0) return undefined
        next++
        if (order === 0) return entry
      }
      return undefined
    },
  }
}
