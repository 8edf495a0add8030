import {
  type Annotation,
  areaOf,
  boundsOf,
  boxArea,
  type CategoryKey,
  contentKey,
  iouOf,
  isEqual,
  keypointSimilarity,
  type Schema,
} from '@dsv/core'
import { geometryOf } from './geometry-of.ts'
import { lineSimilarity } from './line-similarity.ts'

/** Points without an extent are compared as if they covered this: 32 × 32 pixels. */
const POINT_AREA = 1024

/** How much two annotations of one type say the same, 0…1. */
export type Similarity = (a: Annotation, b: Annotation) => number

/** Types that have no place on the image: they are the same, or not. */
const EQUAL_OR_NOT: ReadonlySet<Annotation['type']> = new Set([
  'label',
  'caption',
  'reference',
  'vector',
  'tabular',
  'relation',
])

/** Returns whether annotations of a type can only be equal or not. */
export function isEqualOrNot(type: Annotation['type']): boolean {
  return EQUAL_OR_NOT.has(type)
}

/** Returns text that is the same for two annotations of such a type that say the same. */
export function sayingOf(annotation: Annotation): string {
  const { type } = annotation
  if (type === 'label') return contentKey([type, annotation.category ?? null])
  if (type === 'caption') return contentKey([type, annotation.text.normalize('NFC').trim()])
  if (type === 'vector' || type === 'tabular') return contentKey([type, annotation.values])
  if (type === 'reference') return contentKey([type, annotation.role, annotation.path])
  if (type === 'relation')
    return contentKey([type, annotation.subject, annotation.predicate, annotation.object])
  return contentKey(annotation)
}

/**
 * Returns the measure for the types with a place: intersection over union of boxes, rotated boxes, polygons, masks,
 * ellipses and texts; object keypoint similarity of points, with the sigmas of the category where both say the same;
 * likeness of lines; as `iouOf` for the rest.
 */
export function annotationSimilarity(schema: Schema): Similarity {
  const sigmas = new Map<CategoryKey, readonly number[]>(
    schema.categories.flatMap(({ key, skeleton }) =>
      skeleton?.sigmas === undefined ? [] : [[key, skeleton.sigmas]],
    ),
  )
  const measure: Similarity = (a, b) => {
    if (isEqualOrNot(a.type)) return a.type === b.type && sayingOf(a) === sayingOf(b) ? 1 : 0
    if (a.type === 'polyline' && b.type === 'polyline') return lineSimilarity(a.points, b.points)
    if (a.type === 'points' && b.type === 'points') {
      if (a.points.length !== b.points.length) return 0
      const own = a.category === b.category ? sigmas.get(a.category ?? '') : undefined
      const area = (extentOf(a) + extentOf(b)) / 2
      return keypointSimilarity(a, b, area > 0 ? area : POINT_AREA, own)
    }
    return iouOf(a, b)
  }
  return (a, b) => {
    const similarity = measure(a, b)
    // What is the same is alike, even without an area, and whatever clipping rounds away.
    const mayBeSame = similarity === 0 || similarity > 0.999
    return mayBeSame && isEqual(geometryOf(a), geometryOf(b)) ? 1 : similarity
  }
}

/** The area of the object that points lie on, in square pixels. */
function extentOf(annotation: Annotation): number {
  const bounds = annotation.box ?? boundsOf(annotation)
  return annotation.area ?? (bounds === undefined ? areaOf(annotation) : boxArea(bounds))
}
