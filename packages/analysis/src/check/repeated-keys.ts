import { createHash } from 'node:crypto'

/** Finds keys that occur more than once, in two passes: at about 40 bytes a key, whatever their length. */
export interface RepeatedKeys {
  /** First pass: takes a key. */
  add(key: string): void
  /** Whether a key may occur more than once; true for about one of 10 million others too. */
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

/** 48 bits that depend on the whole key. */
function shortNumber(key: string): number {
  return createHash('sha1').update(key).digest().readUIntBE(0, 6)
}
