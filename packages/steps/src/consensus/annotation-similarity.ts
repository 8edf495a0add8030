import {
  type Annotation,
  areaOf,
  boundsOf,
  boxArea,
  type BoxNumbers,
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
  // What is the same is alike, even without an area, and whatever clipping would round away.
  return remembered((a, b) => (isEqual(geometryOf(a), geometryOf(b)) ? 1 : measure(a, b)))
}

/** Matching, voting and figures ask for the same pairs. What is remembered goes with the annotations. */
function remembered(similarity: Similarity): Similarity {
  const known = new WeakMap<Annotation, WeakMap<Annotation, number>>()
  return (a, b) => {
    const before = known.get(a)?.get(b) ?? known.get(b)?.get(a)
    if (before !== undefined) return before
    const found = similarity(a, b)
    const ofFirst = known.get(a) ?? new WeakMap<Annotation, number>()
    known.set(a, ofFirst.set(b, found))
    return found
  }
}

/** The area of the object that points lie on, in square pixels. */
function extentOf(annotation: Annotation): number {
  const bounds = annotation.box ?? boundsOf(annotation)
  return annotation.area ?? (bounds === undefined ? areaOf(annotation) : boxArea(bounds))
}

/**
 * Returns the same measure where it gives `threshold` at least, and 0 elsewhere, without clipping shapes whose bounds
 * and areas tell that they share too little: intersection over union is at most what the bounds share by the area
 * of the larger one.
 */
export function similarityFrom(similarity: Similarity, threshold: number): Similarity {
  const extents = new WeakMap<Annotation, Extent>()
  const extentFor = (annotation: Annotation): Extent => {
    const known = extents.get(annotation) ?? extentIn(annotation)
    extents.set(annotation, known)
    return known
  }
  return (a, b) => {
    if (a.type !== 'polygon' && a.type !== 'text') return similarity(a, b)
    const [first, second] = [extentFor(a), extentFor(b)]
    const most = sharedArea(first.bounds, second.bounds) / Math.max(first.area, second.area)
    if (most < threshold && !isEqual(first.bounds, second.bounds)) return 0
    return similarity(a, b)
  }
}

/** A shape as far as it is cheap to know. */
interface Extent {
  readonly bounds: BoxNumbers
  /** Square pixels; a ring that winds around twice is not larger than its bounds. */
  readonly area: number
}

function extentIn(annotation: Annotation): Extent {
  const bounds = boundsOf(annotation) ?? [0, 0, 0, 0]
  return { bounds, area: Math.min(areaOf(geometryOf(annotation)), boxArea(bounds)) }
}

function sharedArea(a: BoxNumbers, b: BoxNumbers): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  return width > 0 && height > 0 ? width * height : 0
}
