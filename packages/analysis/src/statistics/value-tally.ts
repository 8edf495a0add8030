import { type NumberSummary, type NumberTally, numberTally } from './number-tally.ts'

/** A value, and how often it occurs. */
export interface CountedValue {
  /** Lists are written as JSON; texts are cut after 200 characters. */
  readonly value: string | number | boolean | null
  readonly count: number
  /** Part of all values, 0…1. */
  readonly share: number
}

/** Values of any kind in figures. */
export interface ValueSummary {
  readonly count: number
  /** Different values, as far as they are kept. */
  readonly distinct: number
  /** The most frequent first; at most 1,000 different values are kept, the first that occur. */
  readonly values: readonly CountedValue[]
  /** How often a value occurred that is not kept. */
  readonly others: number
  /** Of those that are numbers. */
  readonly numbers?: NumberSummary
}

/** Values that are counted as they come. */
export interface ValueTally {
  /** Takes a value. */
  add(value: unknown): void
  summary(): ValueSummary
}

const MAX_VALUES = 1000
const MAX_TEXT = 200

/**
 * Counts values of any kind; memory grows with the different values, up to 1,000.
 *
 * @param mayKeep - Asked before a value is kept that is new
 */
export function valueTally(mayKeep: () => boolean = () => true): ValueTally {
  const counts = new Map<string | number | boolean | null, number>()
  let [count, others] = [0, 0]
  let numbers: NumberTally | undefined
  return {
    add: (value) => {
      const key = keyOf(value)
      count++
      if (typeof key === 'number') {
        numbers ??= numberTally(MAX_VALUES)
        numbers.add(key)
      }
      const before = counts.get(key)
      if (before !== undefined) counts.set(key, before + 1)
      else if (counts.size < MAX_VALUES && mayKeep()) counts.set(key, 1)
      else others++
    },
    summary: () => {
      const of = numbers?.summary('ten')
      return {
        count,
        distinct: counts.size,
        values: [...counts]
          .toSorted(([a, m], [b, n]) => n - m || compareValues(a, b))
          .map(([value, each]) => ({ value, count: each, share: each / count })),
        others,
        ...(of !== undefined && { numbers: of }),
      }
    },
  }
}

function keyOf(value: unknown): string | number | boolean | null {
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null
  // JSON knows no other numbers.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}

function compareValues(
  a: string | number | boolean | null,
  b: string | number | boolean | null,
): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [`${typeof a}${String(a)}`, `${typeof b}${String(b)}`]
  return left < right ? -1 : left > right ? 1 : 0
}
