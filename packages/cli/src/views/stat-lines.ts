import type { AnnotationCounts, DatasetDiff, DiffSummary } from '@dsv/core'
import { oneLine } from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { countText } from './quantities.ts'
import { schemaText, summaryText } from './summary-text.ts'
import { tableLines } from './table-lines.ts'

/** Tables of categories end here; the rest is summed. */
const MAX_ROWS = 40

/** Returns the sums of a dataset: a line, then a table by category and one by subset. */
export function statLines(
  summary: DiffSummary,
  { schema, schemas }: Pick<DatasetDiff, 'schema' | 'schemas'>,
  paint: Paint,
): readonly string[] {
  const names = new Map(
    [...schemas.from.categories, ...schemas.to.categories].map(({ key, name }) => [key, name]),
  )
  const lines = [summaryText(summary), schemaText(schema)].filter((line) => line !== '')
  const { byCategory, bySubset } = summary
  const categories = byCategory.slice(0, MAX_ROWS).map((counts) => {
    const { category } = counts
    const name = category === null ? 'no category' : (names.get(category) ?? category)
    return [oneLine(name), ...cells(counts, paint)]
  })
  const subsets = bySubset.map(({ subset, annotations, added, removed, moved, changed }) => [
    oneLine(subset),
    ...[added, removed, changed, moved].map(countText),
    ...cells(annotations, paint).slice(0, 3),
  ])
  const more = byCategory.length - MAX_ROWS
  return [
    ...lines,
    ...(categories.length === 0 ? [] : tableLines(withoutZeros([CATEGORY_HEAD, ...categories]))),
    ...(more > 0 ? [`… and ${countText(more)} more categories`] : []),
    ...(subsets.length === 0 ? [] : tableLines(withoutZeros([SUBSET_HEAD, ...subsets]))),
  ].map((line) => `  ${line}`)
}

/** Leaves out columns in which nothing happened. */
function withoutZeros(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const [, ...values] = rows
  const isShown = (column: number): boolean =>
    column === 0 || values.some((row) => (row[column] ?? '0') !== '0')
  return rows.map((row) => row.filter((_, column) => isShown(column)))
}

const CATEGORY_HEAD = ['category', 'added', 'removed', 'changed', 'moved', 'relabelled']
const SUBSET_HEAD = [
  'subset',
  'items added',
  'items removed',
  'items changed',
  'items moved',
  'annotations added',
  'annotations removed',
  'annotations changed',
]

function cells(
  { added, removed, changed, moved, relabelled }: AnnotationCounts,
  paint: Paint,
): string[] {
  return [
    added > 0 ? paint.added(countText(added)) : '0',
    removed > 0 ? paint.removed(countText(removed)) : '0',
    changed > 0 ? paint.changed(countText(changed)) : '0',
    countText(moved),
    countText(relabelled),
  ]
}
