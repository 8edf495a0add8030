import type { AttributeDefinition, Category, Schema, Skeleton } from '../model/schema.ts'
import { type Fields, isFields, isJson, type RecordReader } from './record-reader.ts'

/**
 * Returns a schema as it stands in the payload of a dataset: the names of the model, so that the
 * record reads like its type, without fields that are undefined.
 */
export function schemaFields(schema: Schema): Readonly<Record<string, unknown>> {
  return {
    attributes: schema.attributes.map(defined),
    categories: schema.categories.map(categoryFields),
    info: schema.info,
  }
}

/** Reads what {@link schemaFields} wrote. @throws `DSV_RECORD_MALFORMED` */
export function readSchema(reader: RecordReader, value: unknown): Schema {
  const fields = reader.fields(value, 'The schema')
  const attributes = reader.list(fields.attributes, 'The attribute definitions')
  const categories = reader.list(fields.categories, 'The categories')
  return {
    categories: categories.map((category) =>
      isCategory(category) ? category : reader.fail('a category is malformed'),
    ),
    attributes: attributes.map((attribute) =>
      isAttributeDefinition(attribute) ? attribute : reader.fail('an attribute is malformed'),
    ),
    info: isJsonFields(fields.info) ? fields.info : reader.fail('the info is not a map of JSON'),
  }
}

function categoryFields(category: Category): Fields {
  const fields = defined(category)
  const attributes = category.attributes?.map(defined)
  const skeleton = category.skeleton === undefined ? undefined : defined(category.skeleton)
  return defined({ ...fields, attributes, skeleton })
}

function defined(value: object): Fields {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}

function isJsonFields(value: unknown): value is Schema['info'] {
  return isFields(value) && isJson(value)
}

/** Returns whether the value is a category. */
export function isCategory(value: unknown): value is Category {
  return isFields(value) && hasShape(value, CATEGORY, ['key', 'name'])
}

/** Returns whether the value is an attribute definition. */
export function isAttributeDefinition(value: unknown): value is AttributeDefinition {
  return isFields(value) && hasShape(value, ATTRIBUTE, ['name', 'type'])
}

function isSkeleton(value: unknown): value is Skeleton {
  return isFields(value) && hasShape(value, SKELETON, ['points', 'edges'])
}

function hasShape(
  fields: Fields,
  checks: ReadonlyMap<string, (value: unknown) => boolean>,
  required: readonly string[],
): boolean {
  if (required.some((name) => fields[name] === undefined)) return false
  return Object.entries(fields).every(([name, value]) => checks.get(name)?.(value) === true)
}

function listOf(check: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(check)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isColor(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every(isNumber)
}

function isEdge(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(isNumber)
}

function isSourceIds(value: unknown): boolean {
  return isFields(value) && Object.values(value).every((id) => isText(id) || isNumber(id))
}

const ATTRIBUTE_TYPES: readonly unknown[] = [
  'boolean',
  'integer',
  'number',
  'string',
  'enum',
  'json',
] satisfies readonly AttributeDefinition['type'][]

const SKELETON = new Map<string, (value: unknown) => boolean>([
  ['points', listOf(isText)],
  ['edges', listOf(isEdge)],
  ['sigmas', listOf(isNumber)],
])

const ATTRIBUTE = new Map<string, (value: unknown) => boolean>([
  ['name', isText],
  ['type', (value) => ATTRIBUTE_TYPES.includes(value)],
  ['values', listOf(isJson)],
  ['default', isJson],
  ['mutable', isBoolean],
])

const CATEGORY = new Map<string, (value: unknown) => boolean>([
  ['key', isText],
  ['name', isText],
  ['parent', isText],
  ['supercategory', isText],
  ['color', isColor],
  ['sourceIds', isSourceIds],
  ['attributes', listOf(isAttributeDefinition)],
  ['skeleton', isSkeleton],
  ['isThing', isBoolean],
  ['extra', isJsonFields],
])
