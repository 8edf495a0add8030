import {
  type AnnotatedItem,
  type Geometry,
  type Mask,
  type ImageExtent,
  polygonToMask,
  readMask,
} from '@dsv/core'
import { partsOf } from './to-polygon.ts'

/** Returns the size of the image of an item; undefined where it is not known. */
export function imageSize({ media }: Pick<AnnotatedItem, 'media'>): ImageExtent | undefined {
  const { width, height } = media.find(({ role }) => role === 'primary') ?? media[0] ?? {}
  return width === undefined || height === undefined ? undefined : { width, height }
}

/**
 * Returns the pixels that a geometry covers, as pycocotools rasterises it; undefined where it has no area, is malformed or too
 * large, or the size of the image is not known.
 */
export function toMask(geometry: Geometry, size: ImageExtent | undefined): Mask | undefined {
  if (geometry.type === 'mask' || geometry.type === 'panoptic-segment') return readMask(geometry)
  const parts = partsOf(geometry)
  if (parts === undefined || size === undefined) return undefined
  return polygonToMask(parts, size.width, size.height)
}
