import { type Annotation, type Mask, MAX_BITMAP_PIXELS } from '@dsv/core'
import { type ImageSize, regionOf } from './region-of.ts'

/**
 * Returns a map of an image, column after column: for each pixel one more than the index of the uppermost annotation
 * there, 0 where there is none. Undefined where the size is not known or too large to be drawn.
 *
 * What comes later, or has the higher z-order, lies above. Annotations without a region, and masks of other
 * sizes, are not drawn.
 */
export function labelMap(
  annotations: readonly Annotation[],
  size: ImageSize | undefined,
): Uint32Array | undefined {
  const area = size === undefined ? NaN : size.width * size.height
  if (size === undefined || !(area <= MAX_BITMAP_PIXELS)) return undefined
  const map = new Uint32Array(area)
  const order = [...annotations.keys()].toSorted(
    (a, b) => (annotations[a]?.zOrder ?? 0) - (annotations[b]?.zOrder ?? 0),
  )
  for (const index of order) {
    const annotation = annotations[index]
    const mask = annotation && regionOf(annotation, size)
    if (mask !== undefined && mask.width === size.width && mask.height === size.height)
      draw(mask, index + 1, map)
  }
  return map
}

/** Returns the size of an image: what is known of it, or that of its masks. */
export function sizeToDraw(
  size: ImageSize | undefined,
  ...layers: readonly (readonly Annotation[])[]
): ImageSize | undefined {
  if (size !== undefined) return size
  for (const annotation of layers.flat())
    if (annotation.type === 'mask' || annotation.type === 'panoptic-segment')
      return { width: annotation.width, height: annotation.height }
  return undefined
}

function draw({ counts }: Mask, value: number, map: Uint32Array): void {
  let place = 0
  for (const [index, count] of counts.entries()) {
    if (index % 2 === 1) map.fill(value, place, place + count)
    place += count
  }
}
