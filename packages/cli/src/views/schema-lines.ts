import type { Category, FieldChange, KeyedChange, SchemaDiff } from '@dsv/core'
import { oneLine, valueText } from './annotation-text.ts'
import type { Paint } from './paint.ts'
import { shortList } from './quantities.ts'

/** Returns one line for each change of a schema: `~ category cat → dog`. */
export function schemaLines(diff: SchemaDiff, paint: Paint): readonly string[] {
  const { categories, attributes, info } = diff
  return [
    ...categories.added.map(({ name }) => paint.added(`+ category ${oneLine(name)}`)),
    ...categories.removed.map(({ name }) => paint.removed(`- category ${oneLine(name)}`)),
    ...categories.changed.map((change) => paint.changed(categoryLine(change))),
    ...orderLine('categories', categories.order, paint),
    ...attributes.added.map(({ name }) => paint.added(`+ attribute ${oneLine(name)}`)),
    ...attributes.removed.map(({ name }) => paint.removed(`- attribute ${oneLine(name)}`)),
    ...attributes.changed.map(({ key, fields }) =>
      paint.changed(`~ attribute ${oneLine(key)}  ${fields.map(fieldText).join(', ')}`),
    ),
    ...orderLine('attributes', attributes.order, paint),
    ...info.map((change) => paint.changed(`~ info ${fieldText(change)}`)),
  ]
}

/** Returns one changed piece of a record: `score: 0.9 → 0.8`. */
export function fieldText({ field, from, to }: FieldChange): string {
  const name = oneLine(field.startsWith('attributes.') ? field.slice('attributes.'.length) : field)
  return `${name}: ${valueText(from)} → ${valueText(to)}`
}

function categoryLine({ before, after, fields }: KeyedChange<Category>): string {
  const others = fields.filter(({ field }) => field !== 'name').map(fieldText)
  const title =
    before.name === after.name
      ? oneLine(after.name)
      : `${oneLine(before.name)} → ${oneLine(after.name)}`
  return `~ category ${title}${others.length > 0 ? `  ${others.join(', ')}` : ''}`
}

function orderLine(what: string, order: readonly string[] | undefined, paint: Paint): string[] {
  return order === undefined
    ? []
    : [paint.changed(`~ order of ${what}: ${oneLine(shortList(order))}`)]
}
