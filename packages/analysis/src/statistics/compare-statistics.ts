import { divergence } from './divergence.ts'
import type { NumberSummary } from './number-tally.ts'
import type { Statistics } from './statistics.ts'

/** A figure of two versions. */
export interface FigureChange {
  /** `items`, `images`, `annotations`, `types`, `layers`, `subsets`, `categories`, `attributes`, `custom`. */
  readonly group: string
  /** Which of the group: a category, a subset; empty where there is only one. */
  readonly name: string
  /** What it counts: `count`, `mean area`. */
  readonly figure: string
  /** Null where one version does not have it. */
  readonly from: number | null
  readonly to: number | null
  /** `to` less `from`, where one that is not there counts nothing. */
  readonly change: number
}

/** Two versions side by side. */
export interface StatisticsComparison {
  readonly from: Statistics
  readonly to: Statistics
  /** How much the categories of the two differ, in bits, 0…1; null where one has none. */
  readonly divergence: number | null
  /** All figures of both, in the order of the statistics. */
  readonly figures: readonly FigureChange[]
}

/** Returns the figures of two versions side by side, with their differences. */
export function compareStatistics(from: Statistics, to: Statistics): StatisticsComparison {
  const [before, after] = [figuresOf(from), figuresOf(to)]
  const keys = new Map([...before, ...after].map(([key, { group }]) => [key, group]))
  const groups = [...new Set(keys.values())]
  const ordered = [...keys].toSorted(([, a], [, b]) => groups.indexOf(a) - groups.indexOf(b))
  const figures = ordered.flatMap(([key]) => {
    const [old, now] = [before.get(key), after.get(key)]
    const one = old ?? now
    if (one === undefined) return []
    const { group, name, figure } = one
    const [a, b] = [old?.value ?? null, now?.value ?? null]
    return [{ group, name, figure, from: a, to: b, change: (b ?? 0) - (a ?? 0) }]
  })
  return { from, to, divergence: divergence(categoriesOf(from), categoriesOf(to)), figures }
}

/** A number that statistics hold. */
interface Figure extends Pick<FigureChange, 'group' | 'name' | 'figure'> {
  readonly value: number
}

/** Values of an attribute that are compared; the rest is in the statistics themselves. */
const MAX_VALUES = 50

function figuresOf(statistics: Statistics): ReadonlyMap<string, Figure> {
  const figures = new Map<string, Figure>()
  const put = (
    group: string,
    name: string,
    values: Readonly<Record<string, number | null>>,
  ): void => {
    for (const [figure, value] of Object.entries(values))
      if (value !== null)
        figures.set(JSON.stringify([group, name, figure]), { group, name, figure, value })
  }
  const { items, images, annotations, subsets, custom } = statistics
  put('items', '', {
    count: items.count,
    annotated: items.annotated,
    unannotated: items.unannotated.count,
  })
  put('images', '', {
    count: images.count,
    unique: images.unique,
    missing: images.missing,
    ...meanOf('width', images.width),
    ...meanOf('height', images.height),
    ...meanOf('aspect', images.aspect),
  })
  for (const { subset, mean, std, pixels } of images.pixels?.subsets ?? [])
    put('pixels', subset, {
      pixels,
      'mean red': mean[0],
      'mean green': mean[1],
      'mean blue': mean[2],
      'std red': std?.[0] ?? null,
      'std green': std?.[1] ?? null,
      'std blue': std?.[2] ?? null,
    })
  put('annotations', '', {
    count: annotations.count,
    'without category': annotations.uncategorised,
    ...meanOf('per item', annotations.perItem),
    ...meanOf('objects per item', annotations.objectsPerItem),
    ...meanOf('area', annotations.areas),
    small: annotations.sizeClasses.small,
    medium: annotations.sizeClasses.medium,
    large: annotations.sizeClasses.large,
    ...meanOf('score', annotations.scores),
    tracks: annotations.tracks?.count ?? null,
    ...meanOf('track length', annotations.tracks?.lengths),
    ...meanOf('caption words', annotations.captions?.words),
  })
  for (const { type, count } of annotations.byType) put('types', type, { count })
  for (const { layer, annotations: count } of annotations.byLayer)
    put('layers', layer, { annotations: count })
  for (const { subset, items: count, annotations: said, divergence: distance } of subsets)
    put('subsets', subset, { items: count, annotations: said, divergence: distance })
  for (const { name, count, share, items: on, area } of annotations.categories)
    put('categories', name, { count, share, items: on, area })
  for (const { name, values } of [...annotations.attributes, ...annotations.flags])
    for (const { value, count } of values.slice(0, MAX_VALUES))
      put('attributes', `${name} = ${String(value)}`, { count })
  for (const { name, items: on, annotations: matching } of custom.counts)
    put('custom', name, { items: on, annotations: matching })
  for (const { expression, values } of custom.groups)
    for (const { value, count } of values.slice(0, MAX_VALUES))
      put('custom', `${expression} = ${String(value)}`, { count })
  return figures
}

function meanOf(name: string, summary: NumberSummary | undefined): Record<string, number> {
  return summary === undefined ? {} : { [`mean ${name}`]: summary.mean }
}

function categoriesOf({ annotations }: Statistics): ReadonlyMap<string, number> {
  return new Map(annotations.categories.map(({ name, count }) => [name, count]))
}
