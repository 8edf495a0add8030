import { type AttributeValue, type Json, lossCounter } from '@dsv/core'

/** What the annotators of an item do not agree on, or what is odd about what they agree on. */
export interface ConsensusFinding {
  readonly type: FindingType
  /** The item as `subset/id`. */
  readonly item: string
  /** Those whom it is about: who lacks the item or annotation, who was outvoted. */
  readonly annotators: readonly string[]
  /** The annotation that it is about, by its uid: of the result where it came into that, else of an annotator. */
  readonly uid?: string
  /** A second one. */
  readonly otherUid?: string
  /** Names of categories: that of the annotation, or all of a group. */
  readonly categories?: readonly string[]
  readonly attribute?: string
  /** How many voted for what. */
  readonly votes?: readonly { readonly value: AttributeValue; readonly count: number }[]
  /** How alike two annotations are, 0…1. */
  readonly similarity?: number
}

/**
 * - `no-matching-item`: some annotators have not seen the item.
 * - `different-media`: they have an item of one name with other pixels.
 * - `no-matching-annotation`: some who have seen the item have no such annotation.
 * - `failed-category-voting`: no category has enough votes (the annotation is left out), or two have most (the one that
 *   comes first by its key is taken).
 * - `failed-attribute-voting`: no value has enough votes, or two have most: the attribute is left out.
 * - `annotations-too-close`: two annotations of the result nearly cover each other.
 * - `wrong-group`: a group has a category too many, or lacks one.
 */
export type FindingType =
  | 'no-matching-item'
  | 'different-media'
  | 'no-matching-annotation'
  | 'failed-category-voting'
  | 'failed-attribute-voting'
  | 'annotations-too-close'
  | 'wrong-group'

/** The first so many findings are listed, the others are counted. */
const MAX_LISTED = 100_000

/** Collects findings; memory is bounded. */
export interface FindingList {
  readonly add: (finding: ConsensusFinding) => void
  /** How many there are of each type, and the first 100,000. */
  summary(): {
    readonly counts: Readonly<Record<string, number>>
    readonly list: readonly Json[]
    readonly isComplete: boolean
  }
  /** One line for each type, with a few of the items. */
  lines(): readonly string[]
}

/** Returns an empty list of findings. */
export function findingList(): FindingList {
  const counts = new Map<FindingType, number>()
  const list: Json[] = []
  const places = lossCounter()
  let all = 0
  return {
    add: (finding) => {
      places.add({ what: finding.type, where: finding.item })
      counts.set(finding.type, (counts.get(finding.type) ?? 0) + 1)
      if (++all <= MAX_LISTED) list.push({ ...finding })
    },
    summary: () => ({
      counts: Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      list,
      isComplete: all <= MAX_LISTED,
    }),
    lines: () =>
      places.summary().map(({ what, count, examples }) => {
        const more = examples.length < count ? ', …' : ''
        return `${what}: ${count} (${examples.join(', ')}${more})`
      }),
  }
}
