import { type Annotation, type AnnotationDraft, type BoxNumbers, boundsOf } from '@dsv/core'

/**
 * Returns the box in pixels that a line gets for an annotation: the one that the source states beside
 * the geometry, else the smallest one around it; undefined for what has no place on the image.
 */
export function boxAround(annotation: Annotation | AnnotationDraft): BoxNumbers | undefined {
  if (annotation.type !== 'box' && annotation.box !== undefined) return annotation.box
  const bounds = boundsOf(annotation)
  if (bounds !== undefined) return isEmptyMask(annotation, bounds) ? undefined : bounds
  if (annotation.type !== 'points') return undefined
  // Points that are all absent still have coordinates, which a line can hold.
  return boundsOf({ type: 'polyline', points: annotation.points })
}

function isEmptyMask({ type }: Annotation | AnnotationDraft, bounds: BoxNumbers): boolean {
  return (type === 'mask' || type === 'panoptic-segment') && bounds[2] === 0
}
