import type { CategoryKey } from '../model/annotation.ts'
import type { Category, Schema } from '../model/schema.ts'

/** A schema that was read, in terms of the keys that are in use already. */
export interface IdentifiedSchema {
  readonly schema: Schema
  /** The lasting key of a category, by the key the reader gave it. */
  readonly keyOf: ReadonlyMap<CategoryKey, CategoryKey>
}

/**
 * Gives the categories of a schema that was just read the keys they had before: first those of the
 * same name, then those that the format knows by the same id, which are renamed. A new category gets
 * the key that the reader made from its name, made unique.
 */
export function identifyCategories(before: Schema, read: Schema, format: string): IdentifiedSchema {
  const keyOf = new Map<CategoryKey, CategoryKey>()
  const taken = new Set<CategoryKey>()
  const match = (isSame: (old: Category, found: Category) => boolean): void => {
    for (const found of read.categories) {
      if (keyOf.has(found.key)) continue
      const old = before.categories.find((each) => !taken.has(each.key) && isSame(each, found))
      if (old === undefined) continue
      keyOf.set(found.key, old.key)
      taken.add(old.key)
    }
  }
  match((old, found) => old.name === found.name && old.parent === found.parent)
  match((old, found) => old.name === found.name)
  match((old, found) => {
    const id = found.sourceIds?.[format]
    return id !== undefined && old.sourceIds?.[format] === id
  })
  for (const found of read.categories) {
    if (keyOf.has(found.key)) continue
    const key = unusedKey(found.key, taken, before)
    keyOf.set(found.key, key)
    taken.add(key)
  }
  return { schema: withKeys(read, keyOf), keyOf }
}

/** A key that was given once is never given again to something else. */
function unusedKey(
  wish: CategoryKey,
  taken: ReadonlySet<CategoryKey>,
  before: Schema,
): CategoryKey {
  const isFree = (key: CategoryKey): boolean =>
    !taken.has(key) && before.categories.every((old) => old.key !== key)
  for (let key = wish, count = 2; ; key = `${wish}~${count++}`) if (isFree(key)) return key
}

function withKeys(schema: Schema, keyOf: ReadonlyMap<CategoryKey, CategoryKey>): Schema {
  const categories = schema.categories.map((category) => ({
    ...category,
    key: keyOf.get(category.key) ?? category.key,
    ...(category.parent !== undefined && {
      parent: keyOf.get(category.parent) ?? category.parent,
    }),
  }))
  return { ...schema, categories }
}
