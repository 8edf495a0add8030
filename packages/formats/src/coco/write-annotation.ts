import { type Annotation, areaOf, boundsOf, type Json, type Loss, parseCounts } from '@dsv/core'
import { isObject, type JsonObject } from '../shared/json-reader.ts'
import type { CocoId } from './layout.ts'
import { FORM, joinedGroup, setOwn } from './read-annotation.ts'

/** What writing an annotation needs to know. */
export interface AnnotationTarget {
  readonly id: CocoId | undefined
  readonly imageId: CocoId
  /** Undefined: the record has no `category_id`. */
  readonly categoryId: CocoId | undefined
  /** Whether the annotation comes from such a file: then nothing is added that it did not say. */
  readonly isKept: boolean
  readonly where: string
  readonly onLoss: (loss: Loss) => void
}

/** Annotation types that go into a record of `annotations` other than panoptic ones. */
export const RECORD_TYPES: ReadonlySet<string> = new Set([
  'label',
  'box',
  'polygon',
  'mask',
  'points',
  'caption',
])

/** Returns the record of an annotation; `region` is the polygon or mask that keypoints belong to. */
export function annotationRecord(
  annotation: Annotation,
  region: Annotation | undefined,
  target: AnnotationTarget,
): JsonObject {
  const coco = annotation.extra?.['coco']
  const rest = isObject(coco) ? coco : {}
  const record: Record<string, Json> = {}
  if (target.id !== undefined) record['id'] = target.id
  record['image_id'] = target.imageId
  if (target.categoryId !== undefined) record['category_id'] = target.categoryId
  const shape = region ?? annotation
  const segmentation = segmentationOf(shape, formOf(shape)['segmentation'], target)
  if (segmentation !== undefined) record['segmentation'] = segmentation
  addMeasures(record, annotation, shape, target)
  addKeypoints(record, annotation, rest)
  if (annotation.type === 'caption') {
    record['caption'] = annotation.text
    if (annotation.language !== undefined) target.onLoss(lost('field: language', target))
  }
  if (annotation.score !== undefined) record['score'] = annotation.score
  if (annotation.attributes !== undefined) record['attributes'] = annotation.attributes
  if (annotation.track !== undefined) record['track_id'] = annotation.track
  for (const [key, value] of Object.entries(rest)) {
    setOwn(record, key, value)
  }
  addExtension(record, annotation)
  reportForeign(annotation, target)
  return record
}

/** Returns how the record that an annotation was read from said it. */
export function formOf({ extra }: Pick<Annotation, 'extra'>): JsonObject {
  const form = extra?.[FORM]
  return isObject(form) ? form : {}
}

function segmentationOf(
  annotation: Annotation,
  form: Json | undefined,
  target: AnnotationTarget,
): Json | undefined {
  if (annotation.type === 'polygon') {
    if (annotation.parts.some((rings) => rings.length > 1))
      target.onLoss(lost('field: holes', target))
    const rings = annotation.parts.flatMap(([outer]) => (outer === undefined ? [] : [outer]))
    return form === 'flat' && rings.length === 1 ? (rings[0] ?? []) : rings
  }
  if (annotation.type !== 'mask') return undefined
  const { width, height, counts } = annotation
  const list = form === 'counts' ? parseCounts(counts) : undefined
  return { counts: list ?? counts, size: [height, width] }
}

/** `bbox`, `area` and `iscrowd`: what the source said, else what tools that read COCO expect. */
function addMeasures(
  record: Record<string, Json>,
  annotation: Annotation,
  shape: Annotation,
  { isKept }: AnnotationTarget,
): void {
  const isRegion = shape.type === 'polygon' || shape.type === 'mask' || shape.type === 'points'
  const hasMeasures = !isKept && (isRegion || shape.type === 'box')
  const box =
    annotation.type === 'box'
      ? [annotation.x, annotation.y, annotation.width, annotation.height]
      : (annotation.box ?? (hasMeasures ? boundsOf(shape) : undefined))
  if (box !== undefined) record['bbox'] = box
  const area =
    annotation.area ?? (hasMeasures && shape.type !== 'points' ? areaOf(shape) : undefined)
  if (area !== undefined) record['area'] = area
  if (annotation.crowd !== undefined) record['iscrowd'] = annotation.crowd ? 1 : 0
  else if (hasMeasures) record['iscrowd'] = 0
}

function addKeypoints(
  record: Record<string, Json>,
  annotation: Annotation,
  rest: JsonObject,
): void {
  if (annotation.type !== 'points') return
  const { points, visibility } = annotation
  record['keypoints'] = visibility.flatMap((seen, index) => [
    points[index * 2] ?? 0,
    points[index * 2 + 1] ?? 0,
    seen,
  ])
  if (!('num_keypoints' in rest) && formOf(annotation)['hasNoCount'] !== true) {
    record['num_keypoints'] = visibility.filter((seen) => seen > 0).length
  }
}

/** What COCO has no field for goes under one key that its readers ignore. */
function addExtension(record: Record<string, Json>, annotation: Annotation): void {
  const known = record['dsv']
  const dsv: Record<string, Json> = isObject(known) ? { ...known } : {}
  const { group, zOrder, occluded, outside, truncated, provenance } = annotation
  if (group !== undefined && group !== joinedGroup(annotation)) dsv['group'] = group
  if (zOrder !== undefined) dsv['zOrder'] = zOrder
  if (occluded !== undefined) dsv['occluded'] = occluded
  if (outside !== undefined) dsv['outside'] = outside
  if (truncated !== undefined) dsv['truncated'] = truncated
  if (provenance !== undefined) dsv['provenance'] = provenance
  for (const _ in dsv) {
    record['dsv'] = dsv
    return
  }
}

function reportForeign({ extra }: Annotation, target: AnnotationTarget): void {
  if (extra === undefined) return
  for (const format of Object.keys(extra)) {
    if (format !== 'coco' && format !== FORM) target.onLoss(lost(`extra: ${format}`, target))
  }
}

function lost(what: string, { where }: AnnotationTarget): Loss {
  return { what, where }
}

/** Returns a record with its members in the order of `fields`, the others after them. */
export function orderFields(record: JsonObject, fields: readonly string[]): JsonObject {
  if (fields.length === 0) return record
  const ordered: Record<string, Json> = {}
  for (const field of fields) {
    if (!Object.hasOwn(record, field)) continue
    const value = record[field]
    if (value !== undefined) setOwn(ordered, field, value)
  }
  for (const field of Object.keys(record)) {
    const value = record[field]
    if (value !== undefined && !Object.hasOwn(ordered, field)) setOwn(ordered, field, value)
  }
  return ordered
}
