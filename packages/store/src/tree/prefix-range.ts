import type { KeyRange } from './tree.ts'

/** Returns the range of all keys that begin with `prefix`. */
export function prefixRange(prefix: Uint8Array): KeyRange {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1
  if (length === 0) return { from: prefix }
  const to = prefix.slice(0, length)
  to[length - 1] = (to[length - 1] ?? 0) + 1
  return { from: prefix, to }
}
