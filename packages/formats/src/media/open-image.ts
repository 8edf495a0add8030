import type { Sharp, SharpOptions } from 'sharp'
import { decodeBmp } from './bmp.ts'

/** More pixels than any image of a data set has. */
const MAX_PIXELS = 2 ** 28

/**
 * Returns a pipeline over an image: of the codecs that libvips reads everywhere, and BMP. What cannot be decoded throws here or when its
 * pixels are taken.
 */
export async function openImageBytes(
  bytes: Uint8Array,
  options: Omit<SharpOptions, 'raw' | 'limitInputPixels'> = {},
): Promise<Sharp> {
  const { default: sharp } = await import('sharp')
  const limited = { ...options, limitInputPixels: MAX_PIXELS }
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return sharp(bytes, limited)
  const { width, height, data } = decodeBmp(bytes, 'BMP')
  return sharp(data, { ...limited, raw: { width, height, channels: 3 } })
}
