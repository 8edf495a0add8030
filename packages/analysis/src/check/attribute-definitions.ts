import type { AttributeDefinition, Schema } from '@dsv/core'

/** Returns the definitions of attributes that annotations of a category may have, by name. */
export type DefinitionsOf = (
  category: string | undefined,
) => ReadonlyMap<string, AttributeDefinition>

/** Returns the attributes that a schema defines: those of a category, and those of all. */
export function attributeDefinitions({ attributes, categories }: Schema): DefinitionsOf {
  const common = new Map(attributes.map((each) => [each.name, each]))
  const own = new Map(
    categories.map((category) => [
      category.key,
      new Map([
        ...common,
        ...(category.attributes ?? []).map((each) => [each.name, each] as const),
      ]),
    ]),
  )
  return (category) => own.get(category ?? '') ?? common
}
