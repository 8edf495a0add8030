import type { AnnotationDraft, BoxNumbers } from '../model/annotation.ts'
import { boundsOf } from '../model/geometry/bounds.ts'
import { boxIou } from '../model/geometry/box.ts'
import { iouOf } from '../model/geometry/iou.ts'
import { contentSimilarity } from './content-similarity.ts'

/** A pair that may be the same annotation; `first` and `second` are indexes into the two lists. */
export interface Candidate {
  readonly first: number
  readonly second: number
  /** Overlap, or likeness of content for types without a place, 0…1. */
  readonly similarity: number
  readonly by: 'place' | 'content'
}

/** Exact overlap is computed for at most so many partners of one annotation. */
const MAX_PARTNERS = 8
/** Stops looking for further pairs in hostile input: comparisons of two bounding boxes. */
const MAX_COMPARISONS = 2e7
/** Annotations without a place are compared with at most so many others each. */
const CONTENT_WINDOW = 64
/** Pixels by which bounds are widened, so that points and lines have neighbours. */
const MARGIN = 8

/**
 * Returns the pairs of annotations of one type that overlap, or are alike where the type has no
 * place. Cost grows with the number of overlapping pairs of bounds, and is bounded.
 *
 * @param overlap - How much two annotations overlap, 0…1; {@link iouOf} by default
 */
export function overlapCandidates<Draft extends AnnotationDraft>(
  first: readonly Draft[],
  second: readonly Draft[],
  overlap: (a: Draft, b: Draft) => number = iouOf,
): readonly Candidate[] {
  const placedFirst = placesOf(first)
  const placedSecond = placesOf(second)
  return [
    ...placedCandidates(first, second, [placedFirst, placedSecond], overlap),
    ...contentCandidates(first, second, without(first, placedFirst), without(second, placedSecond)),
  ]
}

interface Place {
  readonly index: number
  readonly bounds: BoxNumbers
}

function placesOf(list: readonly AnnotationDraft[]): readonly Place[] {
  return list
    .flatMap((annotation, index) => {
      const bounds = boundsOf(annotation)
      if (bounds === undefined) return []
      const [x, y, width, height] = bounds
      const widened: BoxNumbers = [
        x - MARGIN,
        y - MARGIN,
        Math.max(0, width) + 2 * MARGIN,
        Math.max(0, height) + 2 * MARGIN,
      ]
      return [{ index, bounds: widened }]
    })
    .toSorted((a, b) => a.bounds[0] - b.bounds[0])
}

function without(list: readonly AnnotationDraft[], places: readonly Place[]): readonly number[] {
  const placed = new Set(places.map(({ index }) => index))
  return list.flatMap((_, index) => (placed.has(index) ? [] : [index]))
}

/** Sweeps from left to right and keeps the best few partners by bounds. */
function placedCandidates<Draft extends AnnotationDraft>(
  first: readonly Draft[],
  second: readonly Draft[],
  [placesFirst, placesSecond]: readonly [readonly Place[], readonly Place[]],
  overlap: (a: Draft, b: Draft) => number,
): readonly Candidate[] {
  const widest = placesFirst.reduce((width, { bounds }) => Math.max(width, bounds[2]), 0)
  const candidates: Candidate[] = []
  let comparisons = 0
  let start = 0
  for (const { index, bounds } of placesSecond) {
    const [left, , width] = bounds
    while (start < placesFirst.length && (placesFirst[start]?.bounds[0] ?? 0) + widest < left) {
      start++
    }
    const partners = bestPartners()
    for (let at = start; at < placesFirst.length; at++) {
      const other = placesFirst[at]
      if (other === undefined || other.bounds[0] > left + width) break
      if (++comparisons > MAX_COMPARISONS) return candidates
      partners.add(other.index, boxIou(other.bounds, bounds))
    }
    for (const partner of partners.indexes()) {
      const before = first[partner]
      const after = second[index]
      if (before === undefined || after === undefined) continue
      const similarity = overlap(before, after)
      if (similarity > 0) {
        candidates.push({ first: partner, second: index, similarity, by: 'place' })
      }
    }
  }
  return candidates
}

interface Partners {
  add(index: number, likeness: number): void
  indexes(): readonly number[]
}

function bestPartners(): Partners {
  const best: { index: number; likeness: number }[] = []
  return {
    add: (index, likeness) => {
      if (likeness <= (best.length < MAX_PARTNERS ? 0 : (best.at(-1)?.likeness ?? 0))) return
      let place = best.length
      while (place > 0 && (best[place - 1]?.likeness ?? 0) < likeness) place--
      best.splice(place, 0, { index, likeness })
      if (best.length > MAX_PARTNERS) best.pop()
    },
    indexes: () => best.map(({ index }) => index),
  }
}

function contentCandidates(
  first: readonly AnnotationDraft[],
  second: readonly AnnotationDraft[],
  indexesFirst: readonly number[],
  indexesSecond: readonly number[],
): readonly Candidate[] {
  return indexesSecond.flatMap((index, place) => {
    const from = Math.max(
      0,
      Math.min(place - CONTENT_WINDOW / 2, indexesFirst.length - CONTENT_WINDOW),
    )
    return indexesFirst.slice(from, from + CONTENT_WINDOW).flatMap((partner) => {
      const [before, after] = [first[partner], second[index]]
      if (before === undefined || after === undefined) return []
      const similarity = contentSimilarity(before, after)
      return [{ first: partner, second: index, similarity, by: 'content' }]
    })
  })
}
