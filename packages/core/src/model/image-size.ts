import type { ImageExtent } from './geometry/move-geometry.ts'
import type { Media } from './item.ts'
import { primaryMedium } from './primary-medium.ts'

/** Returns the size of the image of an item; undefined where it is not known. */
export function imageSize(item: {
  readonly media: readonly Pick<Media, 'role' | 'width' | 'height'>[]
}): ImageExtent | undefined {
  const { width, height } = primaryMedium(item) ?? {}
  return width === undefined || height === undefined ? undefined : { width, height }
}
