import type { AnnotationCounts, DiffSummary, Flow, SchemaDiff } from '@dsv/core'
import { countOf } from './quantities.ts'

/** Types whose plural is not the type with an s. */
const PLURALS: ReadonlyMap<string, string> = new Map([
  ['box', 'boxes'],
  ['rotated-box', 'rotated-boxes'],
  ['points', 'points'],
  ['tabular', 'tabular rows'],
])

/** At most this many relabellings or moves are named. */
const MAX_FLOWS = 3

/**
 * Returns what happened to a dataset in one line: `5 items moved train → val, 12 boxes moved,
 * 3 annotations relabelled cat → dog`. The empty string when nothing did.
 */
export function summaryText({ items, byType, relabels, moves }: DiffSummary): string {
  const parts = [
    ...(items.added > 0 ? [`${countOf(items.added, 'item')} added`] : []),
    ...(items.removed > 0 ? [`${countOf(items.removed, 'item')} removed`] : []),
    ...flowTexts(moves, 'item', 'moved'),
    ...(items.media > 0 ? [`${countOf(items.media, 'item')} with other media`] : []),
    ...byType.flatMap((counts) => typeTexts(counts.type, counts)),
    ...flowTexts(relabels, 'annotation', 'relabelled'),
  ]
  if (parts.length === 0 && items.changed > 0) return `${countOf(items.changed, 'item')} changed`
  return parts.join(', ')
}

/** Returns what happened to a schema in one line; the empty string when nothing did. */
export function schemaText({ categories, attributes, info }: SchemaDiff): string {
  const renamed = categories.changed.filter(({ before, after }) => before.name !== after.name)
  const others = categories.changed.length - renamed.length
  return [
    ...some(categories.added.length, 'category', 'categories', 'added'),
    ...some(categories.removed.length, 'category', 'categories', 'removed'),
    ...renamed
      .slice(0, MAX_FLOWS)
      .map(({ before, after }) => `category renamed ${before.name} → ${after.name}`),
    ...some(Math.max(0, renamed.length - MAX_FLOWS), 'category', 'categories', 'more renamed'),
    ...some(others, 'category', 'categories', 'changed'),
    ...(categories.order === undefined ? [] : ['categories in another order']),
    ...some(attributes.added.length, 'attribute', 'attributes', 'added to the schema'),
    ...some(attributes.removed.length, 'attribute', 'attributes', 'removed from the schema'),
    ...some(attributes.changed.length, 'attribute', 'attributes', 'of the schema changed'),
    ...(info.length > 0 ? ['dataset info changed'] : []),
  ].join(', ')
}

function some(count: number, noun: string, plural: string, what: string): string[] {
  return count === 0 ? [] : [`${countOf(count, noun, plural)} ${what}`]
}

function typeTexts(type: string, counts: AnnotationCounts): string[] {
  const { added, removed, changed, moved, relabelled, attributes } = counts
  const count = (value: number, what: string): string[] =>
    value > 0 ? [`${countOf(value, type, PLURALS.get(type))} ${what}`] : []
  const explained = moved + relabelled + attributes
  return [
    ...count(added, 'added'),
    ...count(removed, 'removed'),
    ...count(moved, 'moved'),
    ...count(attributes, 'with other attributes'),
    ...(explained === 0 ? count(changed, 'changed') : []),
  ]
}

function flowTexts(flows: readonly Flow[], noun: string, verb: string): string[] {
  const shown = flows
    .slice(0, MAX_FLOWS)
    .map(
      ({ from, to, count }) =>
        `${countOf(count, noun)} ${verb} ${from ?? 'no category'} → ${to ?? 'no category'}`,
    )
  const rest = flows.slice(MAX_FLOWS).reduce((sum, { count }) => sum + count, 0)
  return rest > 0 ? [...shown, `${countOf(rest, noun)} ${verb} otherwise`] : shown
}
