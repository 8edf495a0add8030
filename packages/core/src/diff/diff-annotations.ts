import type { Annotation } from '../model/annotation.ts'
import { iouOf } from '../model/geometry/iou.ts'
import { applyKeyed, diffKeyed, type Keyed, type KeyedChange } from './keyed-list.ts'
import { annotationFields } from './record-fields.ts'

/** An annotation that is in both versions, and differs. */
export interface AnnotationChange extends KeyedChange<Annotation> {
  /** How much the new geometry overlaps the old, 0…1; absent when the geometry is the same. */
  readonly iou?: number
}

/**
 * How the annotations of one item and layer differ. As JSON:
 * `{ added: [annotation], removed: [annotation], changed: [{ key: uid, before, after,
 * fields: [{ field, from, to }], iou }], order: [uid] }`; `order` only when it changed.
 */
export interface AnnotationDiff {
  readonly added: readonly Annotation[]
  readonly removed: readonly Annotation[]
  readonly changed: readonly AnnotationChange[]
  /** Uids in their new order, when that is not the old order with what is added at the end. */
  readonly order?: readonly string[]
}

/** Annotations are told apart by uid. */
export const ANNOTATION_KIND: Keyed<Annotation> = {
  keyOf: (annotation) => annotation.uid,
  fieldsOf: annotationFields,
}

/** Compares the annotations of one item and layer in two versions, field by field. */
export function diffAnnotations(
  before: readonly Annotation[],
  after: readonly Annotation[],
): AnnotationDiff {
  const diff = diffKeyed(before, after, ANNOTATION_KIND)
  return { ...diff, changed: diff.changed.map(withIou) }
}

/** Returns the annotations after a diff: `applyAnnotationDiff(a, diffAnnotations(a, b))` equals `b`. */
export function applyAnnotationDiff(
  annotations: readonly Annotation[],
  diff: AnnotationDiff,
): readonly Annotation[] {
  return applyKeyed(annotations, diff, ANNOTATION_KIND)
}

function withIou(change: KeyedChange<Annotation>): AnnotationChange {
  const isMoved = change.fields.some(({ field }) => field === 'geometry')
  return isMoved ? { ...change, iou: iouOf(change.before, change.after) } : change
}
