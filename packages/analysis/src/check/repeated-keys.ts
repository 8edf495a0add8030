/** Finds keys that occur more than once, in two passes: at 8 bytes a key, whatever their length. */
export interface RepeatedKeys {
  /** First pass: takes a key. */
  readonly add: (key: string) => void
  /** After the first pass: whether there may be keys to look at again. */
  readonly hasRepeated: () => boolean
  /** Second pass: whether a key may occur more than once; true for very few others too. */
  readonly isRepeated: (key: string) => boolean
}

const CHUNK = 65_536

/** Begins with no keys. */
export function repeatedKeys(): RepeatedKeys {
  const chunks: Float64Array[] = []
  let count = 0
  let repeated: ReadonlySet<number> | undefined
  return {
    add: (key) => {
      if (count % CHUNK === 0) chunks.push(new Float64Array(CHUNK))
      const chunk = chunks.at(-1)
      if (chunk !== undefined) chunk[count % CHUNK] = shortNumber(key)
      count += 1
    },
    hasRepeated: () => {
      repeated ??= twins(chunks.splice(0), count)
      return repeated.size > 0
    },
    isRepeated: (key) => repeated?.has(shortNumber(key)) === true,
  }
}

/** Returns the numbers that are there at least twice. */
function twins(chunks: readonly Float64Array[], count: number): ReadonlySet<number> {
  const all = new Float64Array(chunks.length * CHUNK)
  for (const [at, chunk] of chunks.entries()) all.set(chunk, at * CHUNK)
  const sorted = all.subarray(0, count)
  // oxlint-disable-next-line unicorn/no-array-sort -- a copy would take as much memory again
  sorted.sort()
  const found = new Set<number>()
  for (let at = 1; at < count; at++) {
    const number = sorted[at] ?? 0
    if (number === sorted[at - 1]) found.add(number)
  }
  return found
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
