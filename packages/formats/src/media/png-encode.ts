import { crc32, deflateSync } from 'node:zlib'
import { type PngBitDepth, pngChannels, type PngImage } from './png-image.ts'

/** What {@link encodePng} may be told. */
export interface EncodePngOptions {
  /** zlib's level, 0…9; default 6. */
  readonly level?: number
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/**
 * Encodes samples as a PNG of exactly this colour type and depth, not interlaced, rows unfiltered:
 * what label maps compress best with.
 *
 * A wrong number of samples, a sample or a palette index out of range is a bug of the caller and throws
 * a plain `Error`.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export function encodePng(image: PngImage, options: EncodePngOptions = {}): Uint8Array {
  checkImage(image)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(image.width, 0)
  header.writeUInt32BE(image.height, 4)
  header[8] = image.bitDepth
  header[9] = image.colorType
  const { palette, transparency } = image
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    ...(transparency === undefined ? [] : [chunk('tRNS', transparency)]),
    chunk('IDAT', deflateSync(rowsOf(image), { level: options.level ?? 6 })),
    chunk('IEND', new Uint8Array()),
  ])
}

function checkImage({ width, height, bitDepth, colorType, palette, data }: PngImage): void {
  if (!(Number.isSafeInteger(width * height) && width > 0 && height > 0)) {
    throw new Error(`A PNG cannot be ${width}×${height} pixels`)
  }
  if (data.length !== width * height * pngChannels(colorType)) {
    throw new Error(`${data.length} samples do not make ${width}×${height} pixels`)
  }
  const limit =
    colorType === 3 ? Math.min(2 ** bitDepth, (palette?.length ?? 0) / 3) : 2 ** bitDepth
  if (bitDepth === 8 && limit === 256 && data instanceof Uint8Array) return
  let largest = 0
  for (const sample of data) largest = Math.max(largest, sample)
  if (largest >= limit) throw new Error(`The sample ${largest} is not below ${limit}`)
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(body.length + 12)
  bytes.writeUInt32BE(body.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(body, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, body.length + 8)), body.length + 8)
  return bytes
}

function rowsOf({ width, height, bitDepth, colorType, data }: PngImage): Uint8Array {
  const samplesPerRow = width * pngChannels(colorType)
  const bytesPerRow = Math.ceil((samplesPerRow * bitDepth) / 8)
  const rows = new Uint8Array(height * (bytesPerRow + 1))
  for (let y = 0; y < height; y++) {
    const from = data.subarray(y * samplesPerRow, (y + 1) * samplesPerRow)
    const start = y * (bytesPerRow + 1) + 1
    packRow(from, bitDepth, rows.subarray(start, start + bytesPerRow))
  }
  return rows
}

function packRow(from: Uint8Array | Uint16Array, bitDepth: PngBitDepth, to: Uint8Array): void {
  if (bitDepth === 8) {
    to.set(from)
    return
  }
  for (const [at, sample] of from.entries()) {
    if (bitDepth === 16) {
      to[at * 2] = sample >> 8
      to[at * 2 + 1] = sample & 0xff
    } else {
      const bit = at * bitDepth
      to[bit >> 3] = (to[bit >> 3] ?? 0) | (sample << (8 - bitDepth - (bit & 7)))
    }
  }
}
