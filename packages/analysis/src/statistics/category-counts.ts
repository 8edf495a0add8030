import { GROUND_TRUTH } from '@dsv/core'
import { categoryNames } from './category-names.ts'
import { selectedItems, type Selection } from './selected-items.ts'
import type { StatisticsInput } from './statistics-of.ts'

/**
 * Returns how many annotations there are of each category, those seen first before others; categories of which there are
 * none are left out.
 *
 * @throws `DSV_QUERY_SYNTAX`
 */
export async function categoryCounts(
  datasets: readonly StatisticsInput[],
  selection: Selection = {},
): Promise<ReadonlyMap<string, number>> {
  const { layers = [GROUND_TRUTH] } = selection
  const counts = new Map<string, number>()
  for (const { view } of datasets) {
    const { nameOf } = categoryNames(view.schema)
    const isCounted = (layer: string): boolean => layers.includes('all') || layers.includes(layer)
    for await (const { counted } of selectedItems(view, selection, isCounted))
      for (const { category } of Object.values(counted.layers).flat())
        if (category !== undefined) {
          const name = nameOf(category)
          counts.set(name, (counts.get(name) ?? 0) + 1)
        }
  }
  return counts
}

/**
 * Returns counts as `metrics.json` of tinyvoc has them, byte for byte: `{"Car": 2, "Pedestrian": 1}`, what is no ASCII
 * escaped, no line feed at the end.
 *
 * @see {@link https://docs.python.org/3/library/json.html | json.dump}
 */
export function categoryCountsText(counts: ReadonlyMap<string, number>): string {
  return `{${[...counts].map(([name, count]) => `${asciiJson(name)}: ${count}`).join(', ')}}`
}

/** Returns names as `labelmap.txt` of tinyvoc has them, byte for byte: `Car:0,0,0::`, no line feed at the end. */
export function labelmapText(names: Iterable<string>): string {
  return [...names].map((name) => `${name}:0,0,0::`).join('\n')
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
