import type { ListedDataset } from '@dsv/core'
import { oneLine } from './annotation-text.ts'
import { countOf, shortList } from './quantities.ts'

/** At most so many categories are named. */
const MAX_CATEGORIES = 12

/** Returns the datasets of a snapshot in a few lines each. */
export function datasetLines(
  datasets: readonly ListedDataset[],
  typed: (path: string) => string,
): readonly string[] {
  if (datasets.length === 0) return ['There is no dataset.']
  return datasets.flatMap(({ path, format, items, subsets, categories, layers }) => [
    `${oneLine(typed(path))} (${format}): ${countOf(items, 'item')}, ${countOf(categories, 'category', 'categories')}`,
    `  subsets  ${oneLine(shortList(subsets.map((subset) => `${subset.name} ${subset.items}`)))}`,
    ...layers.map(({ name, items: said, annotations }) => {
      const total =
        annotations === undefined ? '' : `${countOf(annotations.total, 'annotation')} on `
      return `  layer    ${oneLine(name)}: ${total}${countOf(said, 'item')}`
    }),
    ...layers.flatMap(({ annotations }) =>
      (annotations?.byCategory ?? [])
        .slice(0, MAX_CATEGORIES)
        .map(({ category, count }) => `    ${oneLine(category ?? 'no category')}  ${count}`),
    ),
  ])
}
