import { type AnnotatedItem, compareItemKeys, type DatasetView } from '@dsv/core'

/**
 * Returns the items of several datasets side by side, in key order: for each key the item of each dataset that has
 * it. Memory: one item of each.
 */
export async function* joinItems(
  views: readonly Pick<DatasetView, 'items'>[],
): AsyncGenerator<readonly (AnnotatedItem | undefined)[], void, undefined> {
  const iterators = views.map((view) => view.items()[Symbol.asyncIterator]())
  try {
    const heads = await Promise.all(iterators.map(next))
    for (;;) {
      const first = smallest(heads)
      if (first === undefined) return
      const row = heads.map((head) =>
        head !== undefined && compareItemKeys(head, first) === 0 ? head : undefined,
      )
      yield row
      for (const [at, iterator] of iterators.entries())
        if (row[at] !== undefined) heads[at] = await next(iterator)
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.()
  }
}

async function next(iterator: AsyncIterator<AnnotatedItem>): Promise<AnnotatedItem | undefined> {
  const result = await iterator.next()
  return result.done === true ? undefined : result.value
}

function smallest(heads: readonly (AnnotatedItem | undefined)[]): AnnotatedItem | undefined {
  let first: AnnotatedItem | undefined
  for (const head of heads)
    if (head !== undefined && (first === undefined || compareItemKeys(head, first) < 0))
      first = head
  return first
}
