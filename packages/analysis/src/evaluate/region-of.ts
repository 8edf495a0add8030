import { type Annotation, type Mask, polygonToMask, readMask } from '@dsv/core'

/** The size of an image in pixels; masks are drawn on it. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Returns the pixels that an annotation covers; undefined where it states no region. */
export function regionOf(annotation: Annotation, size: ImageSize | undefined): Mask | undefined {
  if (annotation.type === 'mask' || annotation.type === 'panoptic-segment')
    return readMask(annotation)
  if (annotation.type !== 'polygon' || size === undefined) return undefined
  return polygonToMask(annotation.parts, size.width, size.height)
}
