import { keyHash32 } from '../hash/blake3.ts'
import type { TreeSettings } from './tree-settings.ts'

/** A node is never cut below this many units, unless its level ends. */
const UNITS_MIN = 32
/** A node is always cut from this many units on. */
const UNITS_MAX = 1024

/**
 * Returns whether a node ends after the entry with `key`, which took it from `before` to `after`
 * bytes. The chance grows with the third power of the size, so sizes gather around 256 units.
 *
 * All terms are below 2^41, exact in a double on every machine. The value never counts, so editing
 * values moves no boundary but by size.
 */
export function isBoundary(
  level: number,
  key: Uint8Array,
  sizes: { readonly before: number; readonly after: number },
  { unitBytes }: TreeSettings,
): boolean {
  if (sizes.after >= UNITS_MAX * unitBytes) return true
  if (sizes.after < UNITS_MIN * unitBytes) return false
  const after = Math.floor(sizes.after / unitBytes)
  const before = Math.floor(sizes.before / unitBytes)
  const bound = after ** 4 - before ** 4
  // Hashing is most of the cost of building a tree, so it is done only where it can matter.
  return bound > 0 && keyHash32(level, key) < bound
}
