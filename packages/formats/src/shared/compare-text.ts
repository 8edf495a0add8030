/** Orders text by code units, as item keys and paths are ordered everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
