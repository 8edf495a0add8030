import type { DatasetView } from '../format/format-adapter.ts'
import type { AnnotatedItem } from '../model/item.ts'

/** How much a dataset holds. */
export interface ViewCounts {
  readonly items: number
  readonly annotations: number
}

/** A dataset that is counted while it is read. */
export interface CountedView {
  readonly view: DatasetView
  /** Returns the numbers of items and of annotations; reads only what was not yet read to its end. */
  readonly counts: () => Promise<ViewCounts>
}

/** Returns a view that counts its items and the annotations of one of their layers. */
export function countedView(view: DatasetView, layer: string): CountedView {
  /** By subset; undefined for all. */
  const known = new Map<string | undefined, ViewCounts>()
  const items = async function* (subset?: string): AsyncGenerator<AnnotatedItem> {
    let count = 0
    let annotations = 0
    for await (const item of view.items(subset)) {
      count += 1
      annotations += item.layers[layer]?.length ?? 0
      yield item
    }
    known.set(subset, { items: count, annotations })
  }
  const countsOf = async (subset: string): Promise<ViewCounts> => {
    if (!known.has(subset)) for await (const _ of items(subset)) continue
    return known.get(subset) ?? { items: 0, annotations: 0 }
  }
  return {
    view: {
      schema: view.schema,
      layout: view.layout,
      subsets: view.subsets,
      items,
      item: async (key) => view.item(key),
    },
    counts: async () => {
      const all = known.get(undefined)
      if (all !== undefined) return all
      let sum: ViewCounts = { items: 0, annotations: 0 }
      for (const subset of view.subsets) {
        const { items: count, annotations } = await countsOf(subset)
        sum = { items: sum.items + count, annotations: sum.annotations + annotations }
      }
      return sum
    },
  }
}
