/**
 * Returns whether two values of records are the same: lists in order, maps by key, where a key that is
 * undefined counts as absent. NaN equals NaN, and 0 equals -0, as in storage.
 */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b)
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && isEqualList(a, b)
  }
  return isEqualMap(new Map(Object.entries(a)), new Map(Object.entries(b)))
}

function isEqualList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => isEqual(value, b[index]))
}

function isEqualMap(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  for (const [key, value] of a) {
    if (!isEqual(value, b.get(key))) return false
  }
  for (const [key, value] of b) {
    if (value !== undefined && !a.has(key)) return false
  }
  return true
}
