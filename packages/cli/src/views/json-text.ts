/** Returns a value as one line of JSON. Maps become objects, sets lists, absent values null or nothing. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, plain)}\n`
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return value
}
