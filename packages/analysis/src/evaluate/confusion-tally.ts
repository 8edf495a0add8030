import type { CategoryKey } from '@dsv/core'
import type { Confusion } from './evaluation.ts'

/** Counts what was found where something was. */
export interface ConfusionTally {
  /** Null is nothing: something was found where nothing is, or nothing where something is. */
  add(truth: CategoryKey | null, found: CategoryKey | null, count?: number): void
  /** Returns the matrix of the categories that occur, in the given order, background last. */
  result(): Confusion
}

/** Returns a tally of nothing. */
export function confusionTally(categories: readonly CategoryKey[]): ConfusionTally {
  const rows = new Map<CategoryKey | null, Map<CategoryKey | null, number>>()
  const seen = new Set<CategoryKey | null>([null])
  return {
    add: (truth, found, count = 1) => {
      let row = rows.get(truth)
      if (row === undefined) rows.set(truth, (row = new Map()))
      row.set(found, (row.get(found) ?? 0) + count)
      seen.add(truth).add(found)
    },
    result: () => {
      const shown = [...categories.filter((key) => seen.has(key)), null]
      const counts = shown.map((row) => shown.map((column) => rows.get(row)?.get(column) ?? 0))
      return { categories: shown, counts }
    },
  }
}
