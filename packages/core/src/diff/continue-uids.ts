import type { Annotation } from '../model/annotation.ts'
import { matchAnnotations } from './match-annotations.ts'

/**
 * Returns `after` with the uids of the annotations of `before` that they continue. Reading gives an
 * item under a new id new uids; when it turns out to be an old item, this tells which is which.
 */
export function continueUids(
  before: readonly Annotation[],
  after: readonly Annotation[],
): readonly Annotation[] {
  const known = new Set(before.map(({ uid }) => uid))
  if (after.some(({ uid }) => known.has(uid))) return after
  const drafts = after.map(({ uid: _uid, ...draft }) => draft)
  const matches = matchAnnotations(before, drafts)
  return after.map((annotation, at) => {
    const uid = matches[at]?.annotation.uid
    return uid === undefined ? annotation : { ...annotation, uid }
  })
}
