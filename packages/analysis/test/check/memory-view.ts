import type { AnnotatedItem, Annotation, DatasetView, Schema, SourceItem } from '@dsv/core'

/** Returns a view of items in memory, in the order of stored ones; annotations without uid get one from their place. */
export function memoryView(
  schema: Schema,
  items: readonly (SourceItem | AnnotatedItem)[],
): Pick<DatasetView, 'schema' | 'items'> {
  const sorted = items.map(withUids).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return {
    schema,
    async *items(subset) {
      for (const item of sorted) if (subset === undefined || item.subset === subset) yield item
    },
  }
}

function keyOf({ subset, id }: SourceItem): string {
  return `${subset}\0${id}`
}

function withUids(item: SourceItem | AnnotatedItem): AnnotatedItem {
  const layers: Record<string, readonly Annotation[]> = {}
  for (const [layer, annotations] of Object.entries(item.layers))
    layers[layer] = annotations.map((each, at) => ({ uid: `${layer}-${at}`, ...each }))
  return { ...item, layers }
}
