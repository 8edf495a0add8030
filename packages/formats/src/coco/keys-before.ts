import { isEqual, type Schema } from '@dsv/core'

/**
 * Returns the lasting keys of the categories, by the keys of the reader; undefined when what was read is
 * another schema than the one there is.
 */
export function keysBefore(read: Schema, before: Schema): ReadonlyMap<string, string> | undefined {
  const keyOf = new Map(
    read.categories.map(({ key }, at) => [key, before.categories[at]?.key ?? key]),
  )
  const named = read.categories.map((category) => ({
    ...category,
    key: keyOf.get(category.key) ?? category.key,
  }))
  return isEqual({ ...read, categories: named }, before) ? keyOf : undefined
}
