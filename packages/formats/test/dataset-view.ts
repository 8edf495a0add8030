import type {
  AnnotatedItem,
  Annotation,
  DatasetView,
  ItemKey,
  Json,
  Schema,
  SourceItem,
} from '@dsv/core'
import { toBlobId } from '@dsv/store'

/** Returns a stored dataset over items in memory; annotations without uid get one from their place. */
export function memoryDatasetView(
  schema: Schema,
  items: Iterable<SourceItem | AnnotatedItem>,
  layout: Json = null,
): DatasetView {
  const stored = new Map<string, AnnotatedItem>()
  for (const item of items) stored.set(keyText(item), withUids(item))
  const sorted = [...stored.keys()].toSorted().flatMap((key) => stored.get(key) ?? [])
  return {
    schema,
    layout,
    subsets: [...new Set(sorted.map((item) => item.subset))].toSorted(),
    async *items(subset) {
      for (const item of sorted) if (subset === undefined || item.subset === subset) yield item
    },
    item: async (key) => stored.get(keyText(key)),
  }
}

/** Returns all items of a view. */
export async function itemsOf(view: DatasetView): Promise<readonly AnnotatedItem[]> {
  const items: AnnotatedItem[] = []
  for await (const item of view.items()) items.push(item)
  return items
}

/** Returns the text that stored items are ordered by. */
export function keyText({ subset, id }: ItemKey): string {
  return `${subset}\0${id}`
}

function withUids(item: SourceItem | AnnotatedItem): AnnotatedItem {
  const layers: Record<string, readonly Annotation[]> = {}
  for (const [layer, annotations] of Object.entries(item.layers)) {
    layers[layer] = annotations.map((annotation, index) => ({
      uid: `${layer}-${index}`,
      ...annotation,
    }))
  }
  // Stored media have bytes.
  const media = item.media.map((medium) => ({ blob: toBlobId('0'.repeat(64)), ...medium }))
  return { ...item, media, layers }
}
