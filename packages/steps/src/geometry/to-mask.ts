import { type Geometry, type Mask, type ImageExtent, polygonToMask, readMask } from '@dsv/core'
import { partsOf } from './to-polygon.ts'

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
