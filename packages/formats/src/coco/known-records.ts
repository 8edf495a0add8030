import { type CommonStretch, stretchFinder } from './common-stretches.ts'
import type { CocoIndex } from './index-file.ts'

/** What is known of a file before it is read: another version of it, and what both have in common. */
export interface KnownVersion {
  readonly index: CocoIndex
  readonly stretches: readonly CommonStretch[]
}

/** Rows of annotations of the version that is known, which are in the file as they were. */
export interface KnownRecords {
  readonly first: number
  readonly after: number
  /** What has to be added to their offsets. */
  readonly shift: number
}

/**
 * Returns a function that tells which annotations, known before, stand at an offset of the file; offsets
 * that are asked for ascend.
 */
export function knownRecords({
  index,
  stretches,
}: KnownVersion): (offset: number) => KnownRecords | undefined {
  const { offsets, lengths } = index.annotations
  // Whether a record has segments is not known, nor where one of two lists of the same name ends.
  const isKnown = !index.hasSegments && new Set(index.keys).size === index.keys.length
  const stretchAt = stretchFinder(isKnown ? stretches : [])
  return (offset) => {
    const stretch = stretchAt(offset)
    if (stretch === undefined) return undefined
    const shift = stretch.start - stretch.oldStart
    const first = rowAt(offsets, offset - shift)
    const oldEnd = stretch.end - shift
    let after = first
    // A byte more: what ends a number is the byte behind it.
    while (after < offsets.length && (offsets[after] ?? 0) + (lengths[after] ?? 0) < oldEnd)
      after += 1
    return first < after && offsets[first] === offset - shift ? { first, after, shift } : undefined
  }
}

/** The first row that begins at an offset or behind it; rows lie in ascending order. */
function rowAt(offsets: Float64Array, offset: number): number {
  let first = 0
  let after = offsets.length
  while (first < after) {
    const middle = (first + after) >> 1
    if ((offsets[middle] ?? 0) < offset) first = middle + 1
    else after = middle
  }
  return first
}
