import type { ItemCount } from './annotation-tally.ts'
import { divergence } from './divergence.ts'
import type { Statistics } from './statistics.ts'

/** Subsets that are counted as items come. */
export interface SubsetTally {
  add(subset: string, count: ItemCount): void
  /** @param all - Annotations of each category, of all items */
  figures(all: ReadonlyMap<string, number>): Pick<Statistics, 'subsets' | 'divergences'>
}

const MAX_PAIRED = 20

/** Counts items and categories of each subset; memory grows with subsets times categories. */
export function subsetTally(): SubsetTally {
  const subsets = new Map<
    string,
    { items: number; unannotated: number; annotations: number; categories: Map<string, number> }
  >()
  return {
    add: (subset, { annotations, categories }) => {
      let sums = subsets.get(subset)
      if (sums === undefined) {
        sums = { items: 0, unannotated: 0, annotations: 0, categories: new Map() }
        subsets.set(subset, sums)
      }
      sums.items++
      sums.annotations += annotations
      if (annotations === 0) sums.unannotated++
      for (const [name, count] of categories)
        sums.categories.set(name, (sums.categories.get(name) ?? 0) + count)
    },
    figures: (all) => {
      const sorted = [...subsets].toSorted(([a], [b]) => (a < b ? -1 : 1))
      const paired = sorted.slice(0, MAX_PAIRED)
      return {
        subsets: sorted.map(([subset, { categories, ...sums }]) => ({
          subset,
          ...sums,
          categories: sharesOf(categories),
          divergence: divergence(categories, all),
        })),
        divergences: paired.flatMap(([a, { categories }], index) =>
          paired.slice(index + 1).map(([b, other]) => ({
            a,
            b,
            divergence: divergence(categories, other.categories),
          })),
        ),
      }
    },
  }
}

function sharesOf(
  categories: ReadonlyMap<string, number>,
): Statistics['subsets'][number]['categories'] {
  const total = [...categories.values()].reduce((sum, count) => sum + count, 0)
  return [...categories]
    .map(([name, count]) => ({ name, count, share: count / total }))
    .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}
