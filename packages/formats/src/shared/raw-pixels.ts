import { formatSyntax } from '@dsv/core'
import { openImageBytes } from '../media/open-image.ts'
import { decodePng, encodePng } from '../media/png.ts'

/** Samples of 8 bits, row by row: one for each pixel (grey), or three (red, green, blue). */
export interface RawPixels {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: Uint8Array
}

/** Decoded pixels, and whether nothing of the image was given up for them. */
export interface DecodedPixels extends RawPixels {
  /** False where colours became grey, 16 bits became 8, or transparency went. */
  readonly isExact: boolean
}

/** Returns a PNG that holds exactly these samples. */
export function pngOfPixels({ width, height, channels, data }: RawPixels): Uint8Array {
  return encodePng({ width, height, bitDepth: 8, colorType: channels === 1 ? 0 : 2, data })
}

/**
 * Decodes an image of any kind to grey or to red, green and blue of 8 bits, as it is stored (EXIF does
 * not turn it). Grey images have all three samples alike.
 *
 * @throws `DSV_FORMAT_SYNTAX` when it is no image that can be decoded
 */
export async function decodePixels(
  bytes: Uint8Array,
  channels: RawPixels['channels'],
  file: string,
): Promise<DecodedPixels> {
  const decoded = decodePlainPng(bytes, file) ?? (await decodeWithSharp(bytes, file))
  if (decoded.channels === channels) return decoded
  return channels === 3 ? repeated(decoded) : grey(decoded)
}

/** PNGs that need no conversion: grey or RGB of 8 bits. */
function decodePlainPng(bytes: Uint8Array, file: string): DecodedPixels | undefined {
  if (bytes[0] !== 0x89 || (bytes[25] !== 0 && bytes[25] !== 2) || bytes[24] !== 8) return undefined
  const { width, height, colorType, transparency, data } = decodePng(bytes, { file })
  if (transparency !== undefined || !(data instanceof Uint8Array)) return undefined
  return { width, height, channels: colorType === 0 ? 1 : 3, data, isExact: true }
}

async function decodeWithSharp(bytes: Uint8Array, file: string): Promise<DecodedPixels> {
  try {
    // Samples are those that are stored, as of a PNG: profiles of colours are left aside.
    const image = await openImageBytes(bytes, { ignoreIcc: true })
    const { depth, hasAlpha } = await image.metadata()
    const { data, info } = await image
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const channels = info.channels === 1 ? 1 : 3
    if (data.length !== info.width * info.height * channels) {
      throw new Error(`${data.length} samples`)
    }
    const isExact = depth === 'uchar' && !hasAlpha
    return { width: info.width, height: info.height, channels, data, isExact }
  } catch (error) {
    throw formatSyntax(file, 'is no image that can be decoded', error)
  }
}

function repeated({ width, height, data, isExact }: DecodedPixels): DecodedPixels {
  const rgb = new Uint8Array(data.length * 3)
  for (const [at, sample] of data.entries()) rgb.fill(sample, at * 3, at * 3 + 3)
  return { width, height, channels: 3, data: rgb, isExact }
}

/** The weights of ITU-R BT.601, which are those that readers of grey images know. */
function grey({ width, height, data, isExact }: DecodedPixels): DecodedPixels {
  const samples = new Uint8Array(width * height)
  let isGrey = true
  for (let at = 0; at < samples.length; at++) {
    const [red = 0, green = 0, blue = 0] = data.subarray(at * 3, at * 3 + 3)
    if (red === green && green === blue) samples[at] = red
    else {
      isGrey = false
      samples[at] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue)
    }
  }
  return { width, height, channels: 1, data: samples, isExact: isExact && isGrey }
}
