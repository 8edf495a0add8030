import { formatSyntax } from '@dsv/core'

/** Red, green and blue of 8 bits, row by row from the top. */
export interface BmpImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

const FILE_HEADER = 14
const INFO_HEADER = 40
/** No image has more. */
const MAX_PIXELS = 2 ** 26

/**
 * Decodes a BMP of 1, 4, 8, 24 or 32 bits that is not compressed.
 *
 * @see {@link https://learn.microsoft.com/en-us/windows/win32/gdi/bitmap-storage}
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function decodeBmp(bytes: Uint8Array, file: string): BmpImage {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < FILE_HEADER + INFO_HEADER || view.toString('latin1', 0, 2) !== 'BM') {
    throw formatSyntax(file, 'should be a BMP')
  }
  const [start, headerBytes] = [view.readUInt32LE(10), view.readUInt32LE(14)]
  const [width, signed] = [view.readInt32LE(18), view.readInt32LE(22)]
  const [bits, compression] = [view.readUInt16LE(28), view.readUInt32LE(30)]
  const height = Math.abs(signed)
  const isPlain = compression === 0 || (compression === 3 && bits === 32)
  if (!isPlain || ![1, 4, 8, 24, 32].includes(bits)) {
    throw formatSyntax(file, `has ${bits} bits and compression ${compression}, which is not read`)
  }
  const stride = Math.ceil((width * bits) / 32) * 4
  const isWhole = width > 0 && height > 0 && width * height <= MAX_PIXELS
  if (!isWhole || start + stride * height > view.length) {
    throw formatSyntax(file, 'is cut off, or too large')
  }
  const palette = view.subarray(FILE_HEADER + headerBytes, start)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0, to = 0; y < height; y++) {
    const row = start + stride * (signed > 0 ? height - 1 - y : y)
    for (let x = 0; x < width; x++, to += 3) {
      const from = bits >= 24 ? view : palette
      const at = bits >= 24 ? row + (x * bits) / 8 : indexAt(view, row, x, bits) * 4
      data[to] = from[at + 2] ?? 0
      data[to + 1] = from[at + 1] ?? 0
      data[to + 2] = from[at] ?? 0
    }
  }
  return { width, height, data }
}

/** Encodes a BMP of 24 bits. */
export function encodeBmp({ width, height, data }: BmpImage): Uint8Array {
  const stride = Math.ceil((width * 24) / 32) * 4
  const start = FILE_HEADER + INFO_HEADER
  const view = Buffer.alloc(start + stride * height)
  view.write('BM', 'latin1')
  view.writeUInt32LE(view.length, 2)
  view.writeUInt32LE(start, 10)
  view.writeUInt32LE(INFO_HEADER, 14)
  view.writeInt32LE(width, 18)
  view.writeInt32LE(height, 22)
  view.writeUInt16LE(1, 26)
  view.writeUInt16LE(24, 28)
  view.writeUInt32LE(stride * height, 34)
  for (let y = 0, from = 0; y < height; y++) {
    for (let at = start + stride * (height - 1 - y), x = 0; x < width; x++, from += 3, at += 3) {
      view[at] = data[from + 2] ?? 0
      view[at + 1] = data[from + 1] ?? 0
      view[at + 2] = data[from] ?? 0
    }
  }
  return view
}

function indexAt(view: Buffer, row: number, x: number, bits: number): number {
  const byte = view[row + Math.floor((x * bits) / 8)] ?? 0
  const shift = 8 - bits - ((x * bits) % 8)
  return (byte >> shift) & (2 ** bits - 1)
}
