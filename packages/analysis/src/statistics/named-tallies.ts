import { type ValueSummary, type ValueTally, valueTally } from './value-tally.ts'

/** The values of something that has a name: an attribute. */
export interface NamedSummary extends ValueSummary {
  readonly name: string
}

/** Values by name, counted as they come. */
export interface NamedTallies {
  add(name: string, value: unknown): void
  /** By name; at most 1,000 names are kept, the first that occur. */
  summaries(): readonly NamedSummary[]
}

const MAX_NAMES = 1000
/** Different values of all attributes together. */
const MAX_VALUES = 100_000

/**
 * Counts the values of attributes; memory grows with their names, up to 1,000, and their different values, up to 1,000 of
 * each and 100,000 of all.
 */
export function namedTallies(): NamedTallies {
  const tallies = new Map<string, ValueTally>()
  let left = MAX_VALUES
  const mayKeep = (): boolean => left-- > 0
  return {
    add: (name, value) => {
      let tally = tallies.get(name)
      if (tally === undefined) {
        if (tallies.size >= MAX_NAMES) return
        tally = valueTally(mayKeep)
        tallies.set(name, tally)
      }
      tally.add(value)
    },
    summaries: () =>
      [...tallies]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, tally]) => ({ name, ...tally.summary() })),
  }
}
