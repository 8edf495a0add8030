import type { Loss } from '../format/format-adapter.ts'

/** Things of one kind that were lost. */
export interface LossSummary {
  readonly what: string
  readonly count: number
  /** Where it happened first: at most three places. */
  readonly examples: readonly string[]
}

/** Counts losses by kind. */
export interface LossCounter {
  /** Counts one loss. */
  readonly add: (loss: Loss) => void
  /** The kinds of losses, the most frequent first, then by name. */
  summary(): readonly LossSummary[]
}

const MAX_EXAMPLES = 3

/** From here on further kinds are counted as one: names of attributes may come from a hostile file. */
const MAX_KINDS = 1000
const OTHERS = 'other'

/** Returns an empty counter of losses; its memory is bounded. */
export function lossCounter(): LossCounter {
  const found = new Map<string, { count: number; readonly examples: Set<string> }>()
  return {
    add: ({ what, where }) => {
      const kind = found.has(what) || found.size < MAX_KINDS ? what : OTHERS
      const seen = found.get(kind) ?? { count: 0, examples: new Set<string>() }
      found.set(kind, seen)
      seen.count += 1
      if (seen.examples.size < MAX_EXAMPLES) seen.examples.add(where)
    },
    summary: () =>
      [...found]
        .map(([what, { count, examples }]) => ({ what, count, examples: [...examples] }))
        .toSorted((a, b) => b.count - a.count || (a.what < b.what ? -1 : 1)),
  }
}
