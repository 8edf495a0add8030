import { giveWay } from '@dsv/store'
import { bitCount } from './perceptual-hash.ts'
import { joinedSets } from './joined-sets.ts'

/** The largest distance that is found without comparing all with all. */
export const MAX_HASH_DISTANCE = 15

/** After so many hashes others get a turn. */
const TURNS = 256

/** Hashes of 64 bits in two halves; all arrays have one length. */
export interface HashList {
  readonly high: Uint32Array
  readonly low: Uint32Array
}

/**
 * Returns the pairs of hashes that differ in at most `distance` bits, each with its index in the list, joined to groups: whoever is close
 * to one of a group belongs to it, so the ends of a long chain may look unlike.
 *
 * Multi-index hashing: hashes that differ in at most `d` of 64 bits differ in at most `⌊d / 4⌋` bits of one of their four quarters, so
 * each is compared only with those that lie so close in a quarter. 32 bytes a hash.
 *
 * @param distance - Bits, 0…15
 * @returns For each hash the index of the first one of its group
 * @see {@link https://doi.org/10.1109/CVPR.2012.6248043 | Norouzi, Punjani, Fleet 2012}
 */
export async function groupHashes(
  { high, low }: HashList,
  distance: number,
  signal: AbortSignal,
): Promise<Uint32Array> {
  if (!Number.isInteger(distance) || distance < 0 || distance > MAX_HASH_DISTANCE)
    throw new RangeError(`A distance of ${distance} bits`)
  const sets = joinedSets(high.length)
  const flips = flipsUpTo(Math.floor(distance / 4))
  const distinct = distinctHashes({ high, low }, sets.join)
  for (const quarter of [0, 1, 2, 3]) {
    const valueOf = (index: number): number => quarterOf({ high, low }, index, quarter)
    const table = quarterTable(distinct, valueOf)
    for (const [turn, index] of distinct.entries()) {
      if (turn % TURNS === 0) {
        await giveWay()
        signal.throwIfAborted()
      }
      const own = valueOf(index)
      for (const flip of flips) {
        const value = own ^ flip
        const end = table.starts[value + 1] ?? 0
        for (let at = table.starts[value] ?? 0; at < end; at++) {
          const other = table.order[at] ?? 0
          if (other <= index) continue
          const differing =
            bitCount((high[index] ?? 0) ^ (high[other] ?? 0)) +
            bitCount((low[index] ?? 0) ^ (low[other] ?? 0))
          if (differing <= distance) sets.join(index, other)
        }
      }
    }
  }
  return sets.firsts()
}

function quarterOf({ high, low }: HashList, index: number, quarter: number): number {
  const half = (quarter < 2 ? high : low)[index] ?? 0
  return quarter % 2 === 0 ? half >>> 16 : half & 0xffff
}

/** The first of each run of equal hashes, which are joined; in ascending order. */
function distinctHashes(
  { high, low }: HashList,
  join: (a: number, b: number) => void,
): Uint32Array {
  const order = Uint32Array.from(high.keys()).toSorted(
    (a, b) => (high[a] ?? 0) - (high[b] ?? 0) || (low[a] ?? 0) - (low[b] ?? 0) || a - b,
  )
  let count = 0
  for (const index of order) {
    const before = order[count - 1] ?? -1
    if (count > 0 && high[before] === high[index] && low[before] === low[index]) join(before, index)
    else order[count++] = index
  }
  return order.slice(0, count).toSorted()
}

/** Indexes sorted by the value of a quarter; those of value `v` are `order[starts[v]]` to before `order[starts[v + 1]]`. */
function quarterTable(
  indexes: Uint32Array,
  valueOf: (index: number) => number,
): { readonly starts: Uint32Array; readonly order: Uint32Array } {
  const starts = new Uint32Array(2 ** 16 + 1)
  for (const index of indexes) {
    const after = valueOf(index) + 1
    starts[after] = (starts[after] ?? 0) + 1
  }
  for (let value = 0; value < 2 ** 16; value++)
    starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0)
  const next = starts.slice()
  const order = new Uint32Array(indexes.length)
  for (const index of indexes) {
    const value = valueOf(index)
    const at = next[value] ?? 0
    order[at] = index
    next[value] = at + 1
  }
  return { starts, order }
}

/** Numbers of 16 bits of which at most `bits` are set. */
function flipsUpTo(bits: number): readonly number[] {
  const flips: number[] = []
  for (let value = 0; value < 2 ** 16; value++) if (bitCount(value) <= bits) flips.push(value)
  return flips
}
