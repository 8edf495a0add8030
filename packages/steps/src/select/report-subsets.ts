import type { AnnotatedItem } from '@dsv/core'
import type { StepContext } from '../step.ts'

/** What the report of steps that fill subsets says. */
export const SUBSETS_REPORT = 'how many items each subset has, by name, in `subsets`'

/** Passes the items on, and reports in the end how many each subset has. */
export async function* reportSubsets(
  items: AsyncIterable<AnnotatedItem>,
  { onReport }: Pick<StepContext, 'onReport'>,
): AsyncGenerator<AnnotatedItem, void, undefined> {
  const counts = new Map<string, number>()
  for await (const item of items) {
    counts.set(item.subset, (counts.get(item.subset) ?? 0) + 1)
    yield item
  }
  const sorted = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const line = sorted.map(([name, count]) => `${name} ${count}`).join(', ')
  onReport?.({
    value: { subsets: Object.fromEntries(sorted) },
    lines: [`Items by subset: ${line || 'none'}`],
  })
}
