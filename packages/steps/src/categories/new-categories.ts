import type { Category, CategoryKey, Schema } from '@dsv/core'

/** Returns categories of these names, with keys that the schema has for nothing else: one key never means two things. */
export function newCategories(
  { categories }: Pick<Schema, 'categories'>,
  names: readonly string[],
): readonly Category[] {
  const taken = new Set<CategoryKey>(categories.map(({ key }) => key))
  return names.map((name) => {
    let key = name
    for (let count = 2; taken.has(key); count += 1) key = `${name}~${count}`
    taken.add(key)
    return { key, name }
  })
}
