import type { CategoryKey } from '../model/annotation.ts'
import type { Category, Schema } from '../model/schema.ts'

/** The categories of a schema, found by key and by what a user may call them. */
export interface CategoryIndex {
  readonly categoryOf: (key: CategoryKey | undefined) => Category | undefined
  /** Returns the display name, or the key where the schema does not know it. */
  readonly nameOf: (key: CategoryKey | undefined) => string | undefined
  /** Returns the keys of the categories that have `text` as key or display name, and `text` itself. */
  readonly keysCalled: (text: string) => ReadonlySet<CategoryKey>
  /** All keys and display names. */
  readonly names: ReadonlySet<string>
  /** The names of all attributes that annotations may have. */
  readonly attributes: ReadonlySet<string>
}

/** Returns the index of the categories of `schema`; without one every key is its own name. */
export function categoryIndex(schema?: Schema): CategoryIndex {
  const categories = schema?.categories ?? []
  const byKey = new Map(categories.map((category) => [category.key, category]))
  const byName = new Map<string, CategoryKey[]>()
  for (const { key, name } of categories) {
    const keys = byName.get(name)
    if (keys === undefined) byName.set(name, [key])
    else keys.push(key)
  }
  const categoryOf: CategoryIndex['categoryOf'] = (key) =>
    key === undefined ? undefined : byKey.get(key)
  return {
    categoryOf,
    nameOf: (key) => categoryOf(key)?.name ?? key,
    keysCalled: (text) => new Set([text, ...(byName.get(text) ?? [])]),
    names: new Set([...byKey.keys(), ...byName.keys()]),
    attributes: new Set(
      [
        ...(schema?.attributes ?? []),
        ...categories.flatMap((category) => category.attributes ?? []),
      ].map((attribute) => attribute.name),
    ),
  }
}
