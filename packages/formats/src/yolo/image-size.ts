import type { MediaInfo } from '@dsv/core'

/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Returns the size of an image as YOLO tools see it, or undefined when it is not known. They turn an
 * image upright as its EXIF orientation says before they apply the normalised numbers, so for the
 * orientations 5 to 8 width and height change places (`exif_size` in Ultralytics' `data/utils.py`).
 */
export function uprightSize(media: MediaInfo | undefined): Size | undefined {
  const { width, height, orientation } = media ?? {}
  if (width === undefined || height === undefined || width <= 0 || height <= 0) return undefined
  return (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height }
}
