import type { CheckFinding } from '@dsv/analysis'
import type { AttributeDefinition, DatasetView, Schema } from '@dsv/core'

/** Returns the schema with what findings say is missing; categories that are used nowhere are taken out. */
export async function repairSchema(
  { schema, items }: Pick<DatasetView, 'schema' | 'items'>,
  findings: readonly CheckFinding[],
): Promise<Schema> {
  const unused = new Set(keysOf(findings, 'category-unused'))
  // Another layer may use what the checked one does not.
  if (unused.size > 0)
    for await (const { layers } of items())
      for (const { category = '' } of Object.values(layers).flat()) unused.delete(category)
  for (const { parent = '' } of schema.categories) unused.delete(parent)
  const known = new Set(schema.categories.map(({ key }) => key))
  const missing = new Set(keysOf(findings, 'category-undefined').filter((key) => !known.has(key)))
  const categories = [
    ...schema.categories.filter(({ key }) => !unused.has(key)),
    ...[...missing].map((key) => ({ key, name: key })),
  ]
  return withAttributes({ ...schema, categories }, findings)
}

function withAttributes(schema: Schema, findings: readonly CheckFinding[]): Schema {
  const wanted = new Map<string | undefined, Map<string, AttributeDefinition>>()
  for (const { check, category, attribute, attributeType = 'json' } of findings) {
    if (check !== 'attribute-undefined' || attribute === undefined) continue
    const definitions = wanted.get(category) ?? new Map<string, AttributeDefinition>()
    wanted.set(category, definitions)
    const type = definitions.get(attribute)?.type ?? attributeType
    definitions.set(attribute, { name: attribute, type: type === attributeType ? type : 'json' })
  }
  return {
    ...schema,
    attributes: joined(schema.attributes, wanted.get(undefined)),
    categories: schema.categories.map((category) => {
      const more = wanted.get(category.key)
      return more === undefined
        ? category
        : { ...category, attributes: joined(category.attributes ?? [], more) }
    }),
  }
}

function joined(
  before: readonly AttributeDefinition[],
  more: ReadonlyMap<string, AttributeDefinition> = new Map(),
): readonly AttributeDefinition[] {
  const known = new Set(before.map(({ name }) => name))
  return [...before, ...[...more.values()].filter(({ name }) => !known.has(name))]
}

function keysOf(findings: readonly CheckFinding[], check: string): readonly string[] {
  return findings.flatMap((each) => (each.check === check ? (each.category ?? []) : []))
}
