import type { AttributeDefinition, Category, Schema } from '../model/schema.ts'
import { isJson } from '../record/record-reader.ts'
import {
  applyKeyed,
  diffKeyed,
  isEmptyKeyedDiff,
  type Keyed,
  type KeyedDiff,
} from './keyed-list.ts'
import { compareFields, type FieldChange, recordFields } from './record-fields.ts'

/**
 * How two schemas differ. As JSON: `{ categories, attributes, info }`, the first two
 * `{ added, removed, changed: [{ key, before, after, fields }], order }`, `info` a list of
 * `{ field, from, to }`. A renamed category is a change of its field `name`.
 */
export interface SchemaDiff {
  readonly categories: KeyedDiff<Category>
  readonly attributes: KeyedDiff<AttributeDefinition>
  readonly info: readonly FieldChange[]
}

/** The diff of a schema with itself. */
export const EMPTY_SCHEMA_DIFF: SchemaDiff = {
  categories: { added: [], removed: [], changed: [] },
  attributes: { added: [], removed: [], changed: [] },
  info: [],
}

/** Categories are told apart by key. */
export const CATEGORY_KIND: Keyed<Category> = {
  keyOf: (category) => category.key,
  fieldsOf: recordFields,
}

/** Attribute definitions are told apart by name. */
export const ATTRIBUTE_KIND: Keyed<AttributeDefinition> = {
  keyOf: (attribute) => attribute.name,
  fieldsOf: recordFields,
}

/** Compares two schemas. */
export function diffSchema(before: Schema, after: Schema): SchemaDiff {
  return {
    categories: diffKeyed(before.categories, after.categories, CATEGORY_KIND),
    attributes: diffKeyed(before.attributes, after.attributes, ATTRIBUTE_KIND),
    info: compareFields(infoFields(before), infoFields(after)),
  }
}

/** Returns the schema after a diff: `applySchemaDiff(a, diffSchema(a, b))` equals `b`. */
export function applySchemaDiff(schema: Schema, diff: SchemaDiff): Schema {
  const info = new Map(Object.entries(schema.info))
  for (const { field, to } of diff.info) {
    if (to === undefined) info.delete(field)
    else if (isJson(to)) info.set(field, to)
  }
  return {
    categories: applyKeyed(schema.categories, diff.categories, CATEGORY_KIND),
    attributes: applyKeyed(schema.attributes, diff.attributes, ATTRIBUTE_KIND),
    info: Object.fromEntries(info),
  }
}

/** Returns whether a diff says that nothing differs. */
export function isEmptySchemaDiff(diff: SchemaDiff): boolean {
  const { categories, attributes, info } = diff
  return isEmptyKeyedDiff(categories) && isEmptyKeyedDiff(attributes) && info.length === 0
}

function infoFields(schema: Schema): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(schema.info))
}
