/** Stands in for `encodeCanonical` of @dsv/store. */
export function encodeCanonical(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, sortKeys))
}

/** Stands in for `decodeCanonical` of @dsv/store. */
export function decodeCanonical(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes))
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
