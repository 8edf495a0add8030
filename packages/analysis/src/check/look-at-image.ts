import type { Media } from '@dsv/core'

/** What decoding an image found: its size, why it cannot be decoded, or nothing where nobody here can tell. */
export type ImageLook =
  | {
      readonly type: 'image'
      readonly width: number
      readonly height: number
      readonly isTurned: boolean
    }
  | { readonly type: 'broken'; readonly reason: string }
  | { readonly type: 'unknown' }

/** More pixels than this are not decoded. */
const MAX_PIXELS = 2 ** 28

/** Images that libvips reads everywhere; of others (BMP, EXR, DICOM, …) a failure says nothing. */
const DECODABLE = /\.(?:jpe?g|png|webp|gif|tiff?|avif)$/iu

/** Decodes the whole of an image, of which only a few rows are in memory. */
export async function lookAtImage(media: Media, bytes: Uint8Array): Promise<ImageLook> {
  const { default: sharp } = await import('sharp')
  try {
    const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning' })
    const { width, height, orientation = 1 } = await image.metadata()
    await image.stats()
    return { type: 'image', width, height, isTurned: orientation >= 5 }
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? ''
    if (!DECODABLE.test(media.path) || /pixel limit/iu.test(reason)) return { type: 'unknown' }
    return { type: 'broken', reason: reason.slice(0, 200) }
  }
}
