import { type Mask, maskBounds, countsToBitmap, bitmapToCounts, formatSyntax } from '@dsv/core'
import { deflateSync, inflateSync } from 'node:zlib'
import { decodePng, encodePng, pngChannels, type PngImage } from '../media/png.ts'

/** A mask as Supervisely has it: the part that is not empty, as a PNG that is compressed again. */
export interface Bitmap {
  /** PNG, compressed with zlib, in Base64. */
  readonly data: string
  /** Left and top in pixels. */
  readonly origin: readonly [x: number, y: number]
}

const MAX_BYTES = 2 ** 28
const MAX_PIXELS = 2 ** 26

/** Decodes a bitmap as a mask of this size; what lies outside is cut off. @throws `DSV_FORMAT_SYNTAX` */
export function decodeBitmap(
  { data, origin: [left, top] }: Bitmap,
  { width, height }: { readonly width: number; readonly height: number },
  file: string,
): Mask {
  if (width * height > MAX_PIXELS) throw formatSyntax(file, 'has an image too large for masks')
  const png = decodePng(inflate(data, file), { file, maxSizeBytes: MAX_BYTES })
  const isForeground = foregroundOf(png)
  const columns = new Uint8Array(width * height)
  for (let y = Math.max(0, -top); y < png.height && y + top < height; y++) {
    for (let x = Math.max(0, -left); x < png.width && x + left < width; x++) {
      if (isForeground(y * png.width + x)) columns[(x + left) * height + y + top] = 1
    }
  }
  return { width, height, counts: bitmapToCounts(columns) }
}

/** Encodes a mask that is not empty. */
export function encodeBitmap(mask: Mask): Bitmap {
  const [left, top, width, height] = maskBounds(mask)
  const columns = countsToBitmap(mask.counts, mask.width * mask.height)
  const data = new Uint8Array(width * height)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[at++] = columns[(x + left) * mask.height + y + top] ?? 0
  }
  const png = encodePng({
    width,
    height,
    bitDepth: 1,
    colorType: 3,
    palette: new Uint8Array([0, 0, 0, 255, 255, 255]),
    transparency: new Uint8Array([0, 255]),
    data,
  })
  return { data: deflateSync(png).toString('base64'), origin: [left, top] }
}

function inflate(data: string, file: string): Uint8Array {
  try {
    return inflateSync(Buffer.from(data, 'base64'), { maxOutputLength: MAX_BYTES })
  } catch (error) {
    throw formatSyntax(file, 'has a bitmap that is no compressed PNG', error)
  }
}

/** Alpha tells what belongs to it where there is one; else what is not black. */
function foregroundOf(png: PngImage): (pixel: number) => boolean {
  const { colorType, data, transparency, palette } = png
  const channels = pngChannels(colorType)
  if (colorType === 3) {
    const isOn = (index: number): boolean => {
      if (transparency !== undefined) return (transparency[index] ?? 255) > 0
      const color = palette?.subarray(index * 3, index * 3 + 3) ?? []
      return [...color].some((sample) => sample > 0)
    }
    return (pixel) => isOn(data[pixel] ?? 0)
  }
  if (channels === 2 || channels === 4)
    return (pixel) => (data[(pixel + 1) * channels - 1] ?? 0) > 0
  return (pixel) => data.subarray(pixel * channels, (pixel + 1) * channels).some((each) => each > 0)
}
