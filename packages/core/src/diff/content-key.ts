/**
 * Returns text that is the same for equal values and differs for others, whatever the order of keys.
 * For maps in memory and for sorting; what is stored is made by `encodeCanonical`.
 */
export function contentKey(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  if (Array.isArray(value)) return `[${value.map(contentKey).join()}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${contentKey(field)}`).join()}}`
}
