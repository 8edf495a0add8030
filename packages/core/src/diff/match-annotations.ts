import type { Annotation, AnnotationDraft } from '../model/annotation.ts'
import { assignPairs } from './assign-pairs.ts'
import { contentKey } from './content-key.ts'
import { isEqual } from './is-equal.ts'
import { overlapCandidates } from './overlap-candidates.ts'

/** Which stored annotation a draft continues, and why. */
export interface AnnotationMatch {
  readonly annotation: Annotation
  readonly by: 'equal' | 'source-id' | 'overlap'
}

/** Overlap below this does not make two annotations one. */
const MIN_OVERLAP = 0.1
/** Annotations without a place are one when half of what they say is the same. */
const MIN_LIKENESS = 0.5
/** What the same category adds to the overlap. */
const CATEGORY_BONUS = 0.25

/**
 * Finds which stored annotation each draft continues: (1) an equal one; (2) the one of the same source
 * id and type, where ids are unique; (3) the one of its type that it overlaps, so that the sum of
 * overlaps is greatest, and an equal category counts as 0.25 more. Types without a place are matched
 * by what they say instead. The order of the drafts does not matter.
 *
 * @returns One entry for each draft, undefined for a new one
 */
export function matchAnnotations(
  before: readonly Annotation[],
  drafts: readonly AnnotationDraft[],
): readonly (AnnotationMatch | undefined)[] {
  const matches: (AnnotationMatch | undefined)[] = drafts.map(() => undefined)
  const taken = new Set<Annotation>()
  const take = (index: number, annotation: Annotation, by: AnnotationMatch['by']): void => {
    matches[index] = { annotation, by }
    taken.add(annotation)
  }
  matchInPlace(before, drafts, take)
  const state = (): Unmatched => ({
    before: before.filter((annotation) => !taken.has(annotation)),
    drafts: drafts.flatMap((draft, index) => (matches[index] ? [] : [{ draft, index }])),
  })
  for (const match of [matchEqual, matchSourceIds, matchOverlaps]) {
    const unmatched = state()
    if (unmatched.before.length === 0 || unmatched.drafts.length === 0) break
    match(unmatched, take)
  }
  return matches
}

interface Unmatched {
  readonly before: readonly Annotation[]
  readonly drafts: readonly { readonly draft: AnnotationDraft; readonly index: number }[]
}

type Take = (index: number, annotation: Annotation, by: AnnotationMatch['by']) => void

/** Most annotations are where they were: comparing those is cheaper than looking them up. */
function matchInPlace(
  before: readonly Annotation[],
  drafts: readonly AnnotationDraft[],
  take: Take,
): void {
  for (const [index, draft] of drafts.entries()) {
    const annotation = before[index]
    if (annotation === undefined) return
    if (isEqual(contentOf(annotation), contentOf(draft))) take(index, annotation, 'equal')
  }
}

function matchEqual({ before, drafts }: Unmatched, take: Take): void {
  const byContent = groupBy(before, (annotation) => contentKey(contentOf(annotation)))
  for (const { draft, index } of drafts) {
    const annotation = byContent.get(contentKey(contentOf(draft)))?.shift()
    if (annotation !== undefined) take(index, annotation, 'equal')
  }
}

function matchSourceIds({ before, drafts }: Unmatched, take: Take): void {
  const stored = groupBy(before, sourceKey)
  for (const [key, sameId] of groupBy(drafts, ({ draft }) => sourceKey(draft))) {
    const annotation = stored.get(key)
    if (key === '' || sameId.length !== 1 || annotation?.length !== 1) continue
    if (sameId[0] && annotation[0]) take(sameId[0].index, annotation[0], 'source-id')
  }
}

function matchOverlaps({ before, drafts }: Unmatched, take: Take): void {
  const stored = groupBy(
    before.toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    (annotation) => annotation.type,
  )
  const sorted = drafts
    .map((entry) => ({ ...entry, content: contentKey(contentOf(entry.draft)) }))
    .toSorted((a, b) =>
      a.content === b.content ? a.index - b.index : a.content < b.content ? -1 : 1,
    )
  for (const [type, ofType] of groupBy(sorted, ({ draft }) => draft.type)) {
    const annotations = stored.get(type) ?? []
    for (const pair of pairUp(
      annotations,
      ofType.map(({ draft }) => draft),
    )) {
      const annotation = annotations[pair.first]
      const entry = ofType[pair.second]
      if (annotation && entry) take(entry.index, annotation, 'overlap')
    }
  }
}

function pairUp(
  annotations: readonly Annotation[],
  drafts: readonly AnnotationDraft[],
): readonly { readonly first: number; readonly second: number }[] {
  const pairs = overlapCandidates(annotations, drafts).flatMap(
    ({ first, second, similarity, by }) => {
      if (similarity < (by === 'place' ? MIN_OVERLAP : MIN_LIKENESS)) return []
      const isSame = annotations[first]?.category === drafts[second]?.category
      return [{ first, second, weight: similarity + (isSame ? CATEGORY_BONUS : 0) }]
    },
  )
  return assignPairs(pairs)
}

function sourceKey(annotation: AnnotationDraft): string {
  if (annotation.sourceId === undefined) return ''
  return contentKey([annotation.type, annotation.sourceId])
}

function contentOf(annotation: AnnotationDraft): object {
  return 'uid' in annotation ? { ...annotation, uid: undefined } : annotation
}

function groupBy<T>(list: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of list) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}
