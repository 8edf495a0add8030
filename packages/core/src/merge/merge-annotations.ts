import { isEqual } from '../diff/is-equal.ts'
import { annotationFields, annotationOf, type RecordFields } from '../diff/record-fields.ts'
import type { Annotation } from '../model/annotation.ts'
import type { ItemKey } from '../model/item.ts'
import type { AnnotationConflict, MergeOptions, MergeOutcome } from './conflict.ts'
import { mergeFields } from './merge-fields.ts'
import { mergeOrder } from './merge-order.ts'
import { pairTwins, type Twins } from './pair-twins.ts'

/** Whose annotations are merged. */
export interface AnnotationPlace {
  readonly key: ItemKey
  readonly layer: string
}

/**
 * Merges the annotations of one item and layer: by uid, then field by field (geometry is one field,
 * each attribute is one). Annotations that both sides added and that are the same thing become one,
 * under the smaller uid; where their shapes differ slightly, it has the shape of that one.
 *
 * A field that both sides changed differently, and a deletion of what the other side changed, is a
 * conflict of that annotation alone; `merged` holds ours there.
 */
export function mergeAnnotations(
  base: readonly Annotation[],
  ours: readonly Annotation[],
  theirs: readonly Annotation[],
  place: AnnotationPlace,
  options: MergeOptions = {},
): MergeOutcome<readonly Annotation[]> {
  if (isEqual(theirs, base) || isEqual(ours, theirs)) return { merged: ours, conflicts: [] }
  if (isEqual(ours, base)) return { merged: theirs, conflicts: [] }
  const [left, right] = uniteTwins(base, ours, theirs)
  const [oldByUid, ourByUid, theirByUid] = [byUid(base), byUid(left), byUid(right)]
  const merged = new Map<string, Annotation>()
  const conflicts: AnnotationConflict[] = []
  for (const uid of [...new Set([...ourByUid.keys(), ...theirByUid.keys()])].toSorted()) {
    const sides = {
      base: oldByUid.get(uid),
      ours: ourByUid.get(uid),
      theirs: theirByUid.get(uid),
    }
    const result = mergeOne(uid, sides, options)
    if (result.annotation !== undefined) merged.set(uid, result.annotation)
    if (result.fields === undefined) continue
    conflicts.push({
      kind: 'annotation',
      where: '',
      key: { subset: place.key.subset, id: place.key.id },
      layer: place.layer,
      uid,
      fields: result.fields,
      base: sides.base ?? null,
      ours: sides.ours ?? null,
      theirs: sides.theirs ?? null,
    })
  }
  const order = mergeOrder(uidsOf(base), uidsOf(left), uidsOf(right), (uid) => merged.has(uid))
  return { merged: order.flatMap((uid) => merged.get(uid) ?? []), conflicts }
}

interface Sides {
  readonly base: Annotation | undefined
  readonly ours: Annotation | undefined
  readonly theirs: Annotation | undefined
}

/** Pieces that say how a thing was noted down, not what it is: twins may differ in them. */
const NOTED = new Set(['geometry', 'sourceId', 'box', 'area', 'score', 'provenance', 'zOrder'])
const NO_FIELDS: RecordFields = new Map()

function mergeOne(
  uid: string,
  { base, ours, theirs }: Sides,
  { favour }: MergeOptions,
): { readonly annotation: Annotation | undefined; readonly fields?: readonly string[] } {
  if (ours === undefined || theirs === undefined) {
    const kept = ours ?? theirs
    if (base === undefined) return { annotation: kept }
    if (isEqual(kept, base)) return { annotation: undefined }
    const annotation = favour === 'theirs' ? theirs : ours
    return favour === undefined ? { annotation, fields: [] } : { annotation }
  }
  const { merged, conflicts } = mergeFields(
    base === undefined ? NO_FIELDS : annotationFields(base),
    annotationFields(ours),
    annotationFields(theirs),
    favour,
  )
  const annotation = annotationOf(uid, merged)
  return conflicts.length === 0 ? { annotation } : { annotation, fields: conflicts }
}

/**
 * Gives twins one uid on both sides and, where they differ in how they were noted down, the pieces of
 * the one with the smaller uid. Relations follow.
 */
function uniteTwins(
  base: readonly Annotation[],
  ours: readonly Annotation[],
  theirs: readonly Annotation[],
): readonly [readonly Annotation[], readonly Annotation[]] {
  const known = new Set([...base, ...ours].map(({ uid }) => uid))
  const knownOurs = new Set([...base, ...theirs].map(({ uid }) => uid))
  const twins = pairTwins(
    ours.filter(({ uid }) => !knownOurs.has(uid)),
    theirs.filter(({ uid }) => !known.has(uid)),
  )
  if (twins.length === 0) return [ours, theirs]
  const uids = new Map<string, string>()
  const united = new Map<Annotation, Annotation>()
  for (const pair of twins) uniteTwo(pair, uids, united)
  const follow = (list: readonly Annotation[]): readonly Annotation[] =>
    list.map((annotation) => withUids(united.get(annotation) ?? annotation, uids))
  return [follow(ours), follow(theirs)]
}

function uniteTwo(
  { ours, theirs }: Twins,
  uids: Map<string, string>,
  united: Map<Annotation, Annotation>,
): void {
  const [kept, other] = ours.uid < theirs.uid ? [ours, theirs] : [theirs, ours]
  const fields = annotationFields(other)
  const keptFields = annotationFields(kept)
  for (const name of NOTED) if (keptFields.has(name)) fields.set(name, keptFields.get(name))
  const completed = new Map(keptFields)
  for (const name of NOTED) if (fields.has(name)) completed.set(name, fields.get(name))
  uids.set(other.uid, kept.uid)
  united.set(kept, annotationOf(kept.uid, completed))
  united.set(other, annotationOf(kept.uid, fields))
}

function withUids(annotation: Annotation, uids: ReadonlyMap<string, string>): Annotation {
  if (annotation.type !== 'relation') return annotation
  const subject = uids.get(annotation.subject) ?? annotation.subject
  const object = uids.get(annotation.object) ?? annotation.object
  return { ...annotation, subject, object }
}

function byUid(list: readonly Annotation[]): ReadonlyMap<string, Annotation> {
  return new Map(list.map((annotation) => [annotation.uid, annotation]))
}

function uidsOf(list: readonly Annotation[]): readonly string[] {
  return list.map(({ uid }) => uid)
}
