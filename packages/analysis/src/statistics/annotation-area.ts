import { type Annotation, type AnnotationType, areaOf } from '@dsv/core'

/** Types that cover part of the image. */
export const WITH_AREA: ReadonlySet<AnnotationType> = new Set<AnnotationType>([
  'box',
  'rotated-box',
  'quad',
  'polygon',
  'ellipse',
  'mask',
  'panoptic-segment',
])

/** Types that have no place on the image. */
const WITHOUT_PLACE: ReadonlySet<AnnotationType> = new Set<AnnotationType>([
  'label',
  'caption',
  'reference',
  'vector',
  'tabular',
  'temporal-segment',
  'relation',
])

/**
 * Returns the area of an annotation in square pixels: as its source states it, as queries have it, else of its geometry (of
 * masks by their runs); undefined where it has none.
 */
export function annotationArea(annotation: Annotation): number | undefined {
  const { area, type } = annotation
  if (area !== undefined && area >= 0 && Number.isFinite(area)) return area
  return WITH_AREA.has(type) ? areaOf(annotation) : undefined
}

/** Returns whether an annotation is something on the image. */
export function isObject({ type }: Annotation): boolean {
  return !WITHOUT_PLACE.has(type)
}
