import { assignPairs } from '../diff/assign-pairs.ts'
import { contentKey } from '../diff/content-key.ts'
import { overlapCandidates } from '../diff/overlap-candidates.ts'
import { annotationFields } from '../diff/record-fields.ts'
import type { Annotation } from '../model/annotation.ts'

/** Overlap from which two new annotations of one type and category are the same thing. */
export const TWIN_OVERLAP = 0.9

/** One thing that both sides annotated. */
export interface Twins {
  readonly ours: Annotation
  readonly theirs: Annotation
}

/**
 * Pairs annotations that both sides added: equal ones first, then by overlap of at least
 * {@link TWIN_OVERLAP} within type and category. Annotations without a place are twins only when equal.
 */
export function pairTwins(
  ours: readonly Annotation[],
  theirs: readonly Annotation[],
): readonly Twins[] {
  const sortedOurs = ours.toSorted(byUid)
  const sortedTheirs = theirs.toSorted(byUid)
  if ((sortedTheirs[0]?.uid ?? '') < (sortedOurs[0]?.uid ?? '')) {
    // Ties are broken the same way from either side.
    return pairSorted(sortedTheirs, sortedOurs).map((twins) => ({
      ours: twins.theirs,
      theirs: twins.ours,
    }))
  }
  return pairSorted(sortedOurs, sortedTheirs)
}

function pairSorted(
  sortedOurs: readonly Annotation[],
  sortedTheirs: readonly Annotation[],
): readonly Twins[] {
  const equal = pairEqual(sortedOurs, sortedTheirs)
  const paired = new Set(equal.flatMap((twins) => [twins.ours, twins.theirs]))
  const restOurs = sortedOurs.filter((annotation) => !paired.has(annotation))
  const restTheirs = sortedTheirs.filter((annotation) => !paired.has(annotation))
  return [...equal, ...pairOverlapping(restOurs, restTheirs)]
}

function pairEqual(ours: readonly Annotation[], theirs: readonly Annotation[]): readonly Twins[] {
  const waiting = new Map<string, Annotation[]>()
  for (const annotation of ours) {
    const key = keyOf(annotation)
    waiting.set(key, [...(waiting.get(key) ?? []), annotation])
  }
  return theirs.flatMap((annotation) => {
    const twin = waiting.get(keyOf(annotation))?.shift()
    return twin === undefined ? [] : [{ ours: twin, theirs: annotation }]
  })
}

function pairOverlapping(
  ours: readonly Annotation[],
  theirs: readonly Annotation[],
): readonly Twins[] {
  const pairs = overlapCandidates(ours, theirs).flatMap(({ first, second, similarity, by }) => {
    const [a, b] = [ours[first], theirs[second]]
    if (by !== 'place' || similarity < TWIN_OVERLAP || a === undefined || b === undefined) return []
    return a.type === b.type && a.category === b.category
      ? [{ first, second, weight: similarity }]
      : []
  })
  return assignPairs(pairs).flatMap(({ first, second }) => {
    const [a, b] = [ours[first], theirs[second]]
    return a === undefined || b === undefined ? [] : [{ ours: a, theirs: b }]
  })
}

function keyOf(annotation: Annotation): string {
  return contentKey(Object.fromEntries(annotationFields(annotation)))
}

function byUid(a: Annotation, b: Annotation): number {
  return a.uid < b.uid ? -1 : 1
}
