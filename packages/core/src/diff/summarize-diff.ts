import type { Annotation, AnnotationType } from '../model/annotation.ts'
import type { ItemKey } from '../model/item.ts'
import type { AnnotationChange, AnnotationDiff } from './diff-annotations.ts'
import type { ItemChange } from './diff-item.ts'

/**
 * How one item differs with all that is said about it. `from` is its key before, absent when it was
 * added; `to` its key now, absent when it was removed; both differ when it moved to another subset.
 */
export interface ItemDiff {
  readonly from?: ItemKey
  readonly to?: ItemKey
  /** Absent when the item record is the same, or the item was added or removed. */
  readonly item?: ItemChange
  /** By layer; only layers that differ. */
  readonly layers: ReadonlyMap<string, AnnotationDiff>
}

/** How many annotations changed in which way. One that changed in two ways counts in both. */
export interface AnnotationCounts {
  readonly added: number
  readonly removed: number
  /** Changed in any way. */
  readonly changed: number
  /** Other geometry. */
  readonly moved: number
  /** Another category. */
  readonly relabelled: number
  readonly attributes: number
}

/** How many items changed in which way. */
export interface ItemCounts {
  readonly added: number
  readonly removed: number
  /** To another subset. */
  readonly moved: number
  /** Other media. */
  readonly media: number
  /** Record or annotations differ; not counting added and removed ones. */
  readonly changed: number
}

/**
 * A diff in numbers. As JSON: the fields below; lists are sorted by count, then by name. Annotations
 * without category are listed under the category null.
 */
export interface DiffSummary {
  readonly items: ItemCounts
  readonly annotations: AnnotationCounts
  readonly byType: readonly (AnnotationCounts & { readonly type: AnnotationType })[]
  /** A relabelled annotation counts for its new category. */
  readonly byCategory: readonly (AnnotationCounts & { readonly category: string | null })[]
  readonly bySubset: readonly (ItemCounts & {
    readonly subset: string
    readonly annotations: AnnotationCounts
  })[]
  /** Which categories became which. */
  readonly relabels: readonly Flow[]
  /** From which subset items went to which. */
  readonly moves: readonly Flow[]
}

/** Returns whether the value, which {@link diffSummarizer} gave some time ago, is a summary. */
export function isDiffSummary(value: unknown): value is DiffSummary {
  if (typeof value !== 'object' || value === null) return false
  return FIELDS.every((field) => field in value)
}

const FIELDS: readonly (keyof DiffSummary)[] = [
  'items',
  'annotations',
  'byType',
  'byCategory',
  'bySubset',
  'relabels',
  'moves',
]

/** How many went from one name to another. */
export interface Flow {
  readonly from: string | null
  readonly to: string | null
  readonly count: number
}

/** Sums up a diff. Reads the items once, so that they can come as a stream. */
export function summarizeDiff(items: Iterable<ItemDiff>): DiffSummary {
  const summarizer = diffSummarizer()
  for (const item of items) summarizer.add(item)
  return summarizer.summary()
}

/** Sums up a diff item by item. */
export interface DiffSummarizer {
  /** Counts one item that differs. */
  add(item: ItemDiff): void
  /** Returns the sums so far. */
  summary(): DiffSummary
}

/** Returns a summarizer that has seen nothing. */
export function diffSummarizer(): DiffSummarizer {
  const items = itemTally()
  const annotations = annotationTally()
  const types = new Map<AnnotationType, AnnotationTally>()
  const categories = new Map<string | null, AnnotationTally>()
  const subsets = new Map<string, { items: ItemTally; annotations: AnnotationTally }>()
  const relabels = flows()
  const moves = flows()

  const count = (annotation: Annotation, subset: AnnotationTally, names: CountName[]): void => {
    const type = entryOf(types, annotation.type, annotationTally)
    const category = entryOf(categories, annotation.category ?? null, annotationTally)
    for (const tally of [annotations, subset, type, category]) {
      for (const name of names) tally[name]++
    }
  }
  const add = (diff: ItemDiff): void => {
    const subset = diff.to?.subset ?? diff.from?.subset ?? ''
    const ofSubset = entryOf(subsets, subset, () => ({
      items: itemTally(),
      annotations: annotationTally(),
    }))
    for (const name of itemNames(diff)) {
      items[name]++
      ofSubset.items[name]++
    }
    if (diff.from && diff.to && diff.from.subset !== diff.to.subset) {
      moves.add(diff.from.subset, diff.to.subset)
    }
    for (const layer of diff.layers.values()) {
      for (const annotation of layer.added) count(annotation, ofSubset.annotations, ['added'])
      for (const annotation of layer.removed) count(annotation, ofSubset.annotations, ['removed'])
      for (const change of layer.changed) {
        const names = changeNames(change)
        count(change.after, ofSubset.annotations, names)
        if (!names.includes('relabelled')) continue
        relabels.add(change.before.category ?? null, change.after.category ?? null)
      }
    }
  }
  return {
    add,
    summary: () => ({
      items: { ...items },
      annotations: { ...annotations },
      byType: [...types].map(([type, tally]) => ({ type, ...tally })).toSorted(byChange),
      byCategory: [...categories]
        .map(([category, tally]) => ({ category, ...tally }))
        .toSorted(byChange),
      bySubset: [...subsets]
        .toSorted(([a], [b]) => compareText(a, b))
        .map(([subset, tally]) => ({
          subset,
          ...tally.items,
          annotations: { ...tally.annotations },
        })),
      relabels: relabels.list(),
      moves: moves.list(),
    }),
  }
}

type AnnotationTally = { -readonly [Name in keyof AnnotationCounts]: number }
type ItemTally = { -readonly [Name in keyof ItemCounts]: number }
type CountName = keyof AnnotationCounts

function annotationTally(): AnnotationTally {
  return { added: 0, removed: 0, changed: 0, moved: 0, relabelled: 0, attributes: 0 }
}

function itemTally(): ItemTally {
  return { added: 0, removed: 0, moved: 0, media: 0, changed: 0 }
}

function itemNames(diff: ItemDiff): readonly (keyof ItemCounts)[] {
  if (diff.from === undefined) return ['added']
  if (diff.to === undefined) return ['removed']
  const names: (keyof ItemCounts)[] = []
  if (diff.from.subset !== diff.to.subset) names.push('moved')
  if (diff.item?.fields.some(({ field }) => field === 'media') === true) names.push('media')
  if (diff.item !== undefined || diff.layers.size > 0) names.push('changed')
  return names
}

function changeNames(change: AnnotationChange): CountName[] {
  const names = new Set<CountName>(['changed'])
  for (const { field } of change.fields) {
    if (field === 'geometry') names.add('moved')
    else if (field === 'category') names.add('relabelled')
    else if (field.startsWith('attributes')) names.add('attributes')
  }
  return [...names]
}

function flows(): { add(from: string | null, to: string | null): void; list(): readonly Flow[] } {
  const counts = new Map<string, { from: string | null; to: string | null; count: number }>()
  return {
    add: (from, to) => {
      entryOf(counts, JSON.stringify([from, to]), () => ({ from, to, count: 0 })).count++
    },
    list: () =>
      [...counts.values()]
        .map((flow) => ({ ...flow }))
        .toSorted(
          (a, b) => b.count - a.count || compareText(a.from, b.from) || compareText(a.to, b.to),
        ),
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function byChange(
  a: AnnotationCounts & { readonly type?: string; readonly category?: string | null },
  b: AnnotationCounts & { readonly type?: string; readonly category?: string | null },
): number {
  const total = (counts: AnnotationCounts): number => counts.added + counts.removed + counts.changed
  return (
    total(b) - total(a) || compareText(a.type ?? a.category ?? null, b.type ?? b.category ?? null)
  )
}

function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0
  return (a ?? '') < (b ?? '') ? -1 : 1
}
