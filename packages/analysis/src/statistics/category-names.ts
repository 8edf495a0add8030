import type { Category, CategoryKey, Schema } from '@dsv/core'

/** The categories of a dataset under names that tell them apart. */
export interface CategoryNames {
  readonly all: readonly string[]
  /** Returns the name of a category; the key where the schema does not know it. */
  readonly nameOf: (key: CategoryKey) => string
  readonly categoryOf: (key: CategoryKey) => Category | undefined
}

/** Returns the display names of categories; those that share one have their key behind it. */
export function categoryNames({ categories }: Schema): CategoryNames {
  const times = new Map<string, number>()
  for (const { name } of categories) times.set(name, (times.get(name) ?? 0) + 1)
  const byKey = new Map(categories.map((category) => [category.key, category]))
  const names = new Map(
    categories.map(({ key, name }) => [key, times.get(name) === 1 ? name : `${name} (${key})`]),
  )
  return {
    all: [...names.values()],
    nameOf: (key) => names.get(key) ?? key,
    categoryOf: (key) => byKey.get(key),
  }
}
