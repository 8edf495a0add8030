import type { DatasetView } from '../format/format-adapter.ts'
import type { Annotation } from '../model/annotation.ts'
import type { AnnotatedItem } from '../model/item.ts'
import type { Query } from '../query/compile-query.ts'
import { matchingItems } from './list.ts'

/** What is left of a dataset. */
export interface ViewFilter {
  readonly query: Query | undefined
  readonly subset: string | undefined
  /** Which annotations of a matching item are left. */
  readonly annotations: 'matching' | 'all'
}

/**
 * Returns the part of a dataset that a filter lets through. Subsets of which nothing is left are not
 * named; to know that, each subset is read up to its first match.
 */
export async function filteredView(view: DatasetView, filter: ViewFilter): Promise<DatasetView> {
  const { query, subset } = filter
  if (query === undefined && subset === undefined) return view
  const wanted = (item: AnnotatedItem): AnnotatedItem =>
    query === undefined || filter.annotations === 'all' ? item : onlyMatching(item, query)
  const items = async function* (name: string | undefined): AsyncGenerator<AnnotatedItem> {
    if (subset !== undefined && name !== undefined && name !== subset) return
    for await (const item of matchingItems(view, query, name ?? subset)) yield wanted(item)
  }
  const subsets: string[] = []
  for (const name of view.subsets)
    for await (const _ of items(name)) {
      subsets.push(name)
      break
    }
  return {
    schema: view.schema,
    layout: view.layout,
    subsets,
    items,
    item: async (key) => {
      const item = await view.item(key)
      if (item === undefined || (subset !== undefined && key.subset !== subset)) return undefined
      return query === undefined || query.matchesItem(item) ? wanted(item) : undefined
    },
  }
}

function onlyMatching(item: AnnotatedItem, query: Query): AnnotatedItem {
  const layers: Record<string, Annotation[]> = {}
  for (const { layer, annotation } of query.matchingAnnotations(item))
    (layers[layer] ??= []).push(annotation)
  return { ...item, layers }
}
