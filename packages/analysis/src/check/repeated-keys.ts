/** Finds keys that occur more than once, in two passes: at about 40 bytes a key, whatever their length. */
export interface RepeatedKeys {
  /** First pass: takes a key. */
  add(key: string): void
  /** Whether a key may occur more than once; true for very few others too. */
  isRepeated(key: string): boolean
  readonly hasRepeated: () => boolean
}

/** Begins with no keys. */
export function repeatedKeys(): RepeatedKeys {
  const seen = new Set<number>()
  const repeated = new Set<number>()
  return {
    add: (key) => {
      const number = shortNumber(key)
      if (seen.has(number)) repeated.add(number)
      else seen.add(number)
    },
    isRepeated: (key) => repeated.has(shortNumber(key)),
    hasRepeated: () => repeated.size > 0,
  }
}

/**
 * 52 bits that depend on the whole key, by two multiplicative hashes. Keys that are chosen to collide only have more of
 * them looked at again.
 */
function shortNumber(key: string): number {
  let [high, low] = [0x9e3779b9, 0x85ebca6b]
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at)
    high = Math.imul(high ^ code, 0x5bd1e995)
    high ^= high >>> 15
    low = Math.imul(low ^ code, 0x1b873593)
    low ^= low >>> 13
  }
  return (high >>> 0) * 2 ** 20 + (low >>> 12)
}
