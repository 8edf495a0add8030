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
}

/** Returns the index of the categories of `schema`; without one every key is its own name. */
export function categoryIndex(schema?: Schema): CategoryIndex {
  const categories = schema?.categories ?? []
  const byKey = new Map(categories.map((category) => [category.key, category]))
  const categoryOf: CategoryIndex['categoryOf'] = (key) =>
    key === undefined ? undefined : byKey.get(key)
  return {
    categoryOf,
    nameOf: (key) => categoryOf(key)?.name ?? key,
    keysCalled: (text) => {
      const named = categories.filter((category) => category.name === text)
      return new Set([text, ...named.map((category) => category.key)])
    },
    names: new Set(categories.flatMap((category) => [category.key, category.name])),
  }
}
