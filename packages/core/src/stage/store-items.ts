import { giveWay, type WriteSession } from '@dsv/store'
import { type AnnotatedItem, GROUND_TRUTH } from '../model/item.ts'
import type { Schema } from '../model/schema.ts'
import { encodeAnnotations } from '../record/annotation-record.ts'
import type { DatasetRecord } from '../record/dataset-record.ts'
import { encodeItem } from '../record/item-record.ts'
import type { Repository } from '../repository/repository.ts'
import { entryCollector } from './entry-collector.ts'

/** The content of a dataset: its schema, and its items in any order, each key once. */
export interface DatasetContent {
  readonly schema: Schema
  readonly items: AsyncIterable<AnnotatedItem>
}

/**
 * Stores content in the place of that of `before`, whose trees it shares as far as it is the same. Layers that no
 * item has any more go.
 *
 * @throws `DSV_ITEM_DUPLICATE`, and what the items throw
 */
export async function storeItems(
  { temporaryFolder, environment }: Repository,
  session: WriteSession,
  before: DatasetRecord,
  { schema, items }: DatasetContent,
): Promise<DatasetRecord> {
  const { signal, onProgress } = environment
  const collector = entryCollector({
    store: session,
    temporaryFolder,
    layers: before.layers.keys(),
  })
  try {
    let done = 0
    for await (const { layers, ...item } of items) {
      await giveWay()
      signal.throwIfAborted()
      collector.add({
        item: encodeItem(item),
        layers: Object.entries(layers).map(([layer, annotations]) => [
          layer,
          annotations.length > 0 ? encodeAnnotations(item, annotations) : undefined,
        ]),
      })
      if (++done % 1000 === 0) onProgress({ task: 'storing items', done, unit: 'items' })
    }
    const trees = await collector.layers(before.layers)
    const layers = new Map(
      [...trees].filter(([name, { count }]) => name === GROUND_TRUTH || count > 0),
    )
    return { ...before, schema, items: await collector.items(before.items), layers }
  } finally {
    collector.close()
  }
}
