/** The names of ten classes that have no others. */
export const DIGITS: readonly string[] = '0123456789'.split('')

/** Returns the names of classes that are only known by the largest index. */
export function numberedNames(largest: number): readonly string[] {
  return Array.from({ length: Math.max(DIGITS.length, largest + 1) }, (_, index) => `${index}`)
}
