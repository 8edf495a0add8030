const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif png webp gif bmp dib tif tiff avif heic heif jp2 jxl ppm pgm pbm pnm'.split(
    ' ',
  ),
)
const VIDEO_EXTENSIONS: ReadonlySet<string> = new Set(
  'mp4 m4v mov avi mkv webm mpg mpeg wmv flv ts mts 3gp ogv'.split(' '),
)
const CLOUD_EXTENSIONS: ReadonlySet<string> = new Set('pcd ply las laz'.split(' '))

/** Returns whether the extension of `path` is that of an image. */
export function isImagePath(path: string): boolean {
  return IMAGE_EXTENSIONS.has(extensionOf(path))
}

/** Returns whether the extension of `path` is that of a video. */
export function isVideoPath(path: string): boolean {
  return VIDEO_EXTENSIONS.has(extensionOf(path))
}

/** Returns whether the extension of `path` is that of a point cloud. */
export function isPointCloudPath(path: string): boolean {
  return CLOUD_EXTENSIONS.has(extensionOf(path))
}

/** Returns the extension of a path in lower case, without its dot; empty when there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** Returns a path without its extension. */
export function withoutExtension(path: string): string {
  const extension = extensionOf(path)
  return extension === '' ? path : path.slice(0, -extension.length - 1)
}
