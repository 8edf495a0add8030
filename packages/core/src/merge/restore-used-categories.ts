import type { CategoryKey } from '../model/annotation.ts'
import type { Schema } from '../model/schema.ts'

/** A schema with the categories back that annotations still use. */
export interface RestoredSchema {
  readonly schema: Schema
  readonly restored: readonly CategoryKey[]
}

/**
 * Puts back categories that one side removed while annotations of the other still use them, so that no
 * merged annotation names a category that is not there.
 *
 * @param used - Category keys of the merged annotations
 * @param sources - Schemas to take them from, the first that has one wins; mostly ours, theirs, base
 */
export function restoreUsedCategories(
  merged: Schema,
  used: ReadonlySet<CategoryKey>,
  sources: readonly Schema[],
): RestoredSchema {
  const known = new Set(merged.categories.map(({ key }) => key))
  const categories = [...merged.categories]
  for (const category of sources.flatMap((source) => source.categories)) {
    if (known.has(category.key) || !used.has(category.key)) continue
    known.add(category.key)
    categories.push(category)
  }
  const restored = categories.slice(merged.categories.length).map(({ key }) => key)
  return { schema: restored.length === 0 ? merged : { ...merged, categories }, restored }
}
