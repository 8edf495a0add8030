import { formatSyntax } from '@dsv/core'
import { crc32, inflateSync } from 'node:zlib'
import { type PngBitDepth, pngChannels, type PngColorType, type PngImage } from './png-image.ts'
import { unfilterRows } from './png-unfilter.ts'

/** What {@link decodePng} may be told. */
export interface DecodePngOptions {
  /** What errors call the image; default `image.png`. */
  readonly file?: string
  /** Refuses images with more bytes of samples than this; default 1 GiB. */
  readonly maxSizeBytes?: number
}

interface Chunks {
  readonly header: Header
  readonly palette?: Uint8Array
  readonly transparency?: Uint8Array
  readonly compressed: Uint8Array
}

interface Header extends Pick<PngImage, 'width' | 'height' | 'bitDepth' | 'colorType'> {
  readonly interlaced: boolean
}

interface Pass {
  readonly width: number
  readonly height: number
  readonly x: number
  readonly y: number
  readonly stepX: number
  readonly stepY: number
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const DEFAULT_MAX_SIZE_BYTES = 2 ** 30
/** Deflate cannot make more than this many bytes out of one. */
const MAX_DEFLATE_RATIO = 1032
const BIT_DEPTHS: Readonly<Record<PngColorType, readonly PngBitDepth[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
const ADAM7: readonly (readonly [x: number, y: number, stepX: number, stepY: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
]

/**
 * Decodes a PNG exactly, interlaced ones included. Every checksum is verified, and the claimed size is
 * compared with what the compressed bytes can hold before anything is allocated.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 * @see https://www.w3.org/TR/png-3/
 */
export function decodePng(bytes: Uint8Array, options: DecodePngOptions = {}): PngImage {
  const file = options.file ?? 'image.png'
  const { header, palette, transparency, compressed } = readChunks(bytes, file)
  const passes = passesOf(header)
  const rawBytes = passes.reduce(
    (sum, pass) => sum + pass.height * (1 + rowBytes(header, pass.width)),
    0,
  )
  checkSize(header, rawBytes, compressed.length, options.maxSizeBytes, file)
  const raw = inflate(compressed, rawBytes, file)
  return {
    width: header.width,
    height: header.height,
    bitDepth: header.bitDepth,
    colorType: header.colorType,
    ...(palette === undefined ? {} : { palette }),
    ...(transparency === undefined ? {} : { transparency }),
    data: samplesOf(header, passes, raw, file),
  }
}

function readChunks(bytes: Uint8Array, file: string): Chunks {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.subarray(0, 8).equals(SIGNATURE)) throw formatSyntax(file, 'is not a PNG image')
  let header: Header | undefined
  let palette: Uint8Array | undefined
  let transparency: Uint8Array | undefined
  const parts: Uint8Array[] = []
  let isDataOver = false
  for (let offset = 8; ;) {
    const chunk = readChunk(buffer, offset, file)
    offset += 12 + chunk.body.length
    if (header === undefined && chunk.type !== 'IHDR') {
      throw formatSyntax(file, `begins with a ${chunk.type} chunk instead of IHDR`)
    }
    if (parts.length > 0 && chunk.type !== 'IDAT') isDataOver = true
    if (chunk.type === 'IEND') break
    if (chunk.type === 'IHDR') {
      if (header !== undefined) throw formatSyntax(file, 'has two IHDR chunks')
      header = readHeader(chunk.body, file)
    } else if (chunk.type === 'IDAT') {
      if (isDataOver) throw formatSyntax(file, 'has another chunk between its IDAT chunks')
      parts.push(chunk.body)
    } else if (chunk.type === 'PLTE') {
      palette = readPalette(chunk.body, palette !== undefined || parts.length > 0, file)
    } else if (chunk.type === 'tRNS') {
      transparency = Uint8Array.from(chunk.body)
    } else if (/^[A-Z]/u.test(chunk.type)) {
      throw formatSyntax(file, `has a ${chunk.type} chunk, which is critical and not known`)
    }
  }
  if (header === undefined || parts.length === 0) throw formatSyntax(file, 'has no image data')
  if (header.colorType === 3 && palette === undefined) {
    throw formatSyntax(file, 'has palette indexes but no palette')
  }
  return {
    header,
    ...(palette === undefined ? {} : { palette }),
    ...(transparency === undefined ? {} : { transparency }),
    compressed: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts),
  }
}

function readChunk(buffer: Buffer, offset: number, file: string): { type: string; body: Buffer } {
  const length = offset + 12 <= buffer.length ? buffer.readUInt32BE(offset) : 0
  if (offset + 12 + length > buffer.length) {
    throw formatSyntax(file, `is cut off at byte ${buffer.length}`)
  }
  const end = offset + 8 + length
  const type = buffer.toString('latin1', offset + 4, offset + 8)
  if (!/^[A-Za-z]{4}$/u.test(type)) {
    throw formatSyntax(file, `has no chunk type at byte ${offset + 4}`)
  }
  if (crc32(buffer.subarray(offset + 4, end)) !== buffer.readUInt32BE(end)) {
    throw formatSyntax(file, `is damaged: wrong checksum of the ${type} chunk at byte ${offset}`)
  }
  return { type, body: buffer.subarray(offset + 8, end) }
}

function readHeader(body: Buffer, file: string): Header {
  if (body.length !== 13) throw formatSyntax(file, `has an IHDR chunk of ${body.length} bytes`)
  const [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)]
  const [depth = 0, color = 0, compression = 0, filter = 0, interlace = 0] = body.subarray(8)
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) {
    throw formatSyntax(file, `says that it is ${width}×${height} pixels`)
  }
  const colorType = ([0, 2, 3, 4, 6] as const).find((each) => each === color)
  const bitDepth =
    colorType === undefined ? undefined : BIT_DEPTHS[colorType].find((each) => each === depth)
  if (colorType === undefined || bitDepth === undefined) {
    throw formatSyntax(file, `has colour type ${color} with ${depth} bits, which PNG does not know`)
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw formatSyntax(file, 'has a compression, filter or interlace method that PNG does not know')
  }
  return { width, height, bitDepth, colorType, interlaced: interlace === 1 }
}

function readPalette(body: Buffer, isMisplaced: boolean, file: string): Uint8Array {
  if (isMisplaced || body.length === 0 || body.length % 3 !== 0 || body.length > 768) {
    throw formatSyntax(file, `has a wrong palette (${body.length} bytes)`)
  }
  return Uint8Array.from(body)
}

function passesOf({ width, height, interlaced }: Header): readonly Pass[] {
  if (!interlaced) return [{ width, height, x: 0, y: 0, stepX: 1, stepY: 1 }]
  return ADAM7.map(([x, y, stepX, stepY]) => ({
    width: Math.max(0, Math.ceil((width - x) / stepX)),
    height: Math.max(0, Math.ceil((height - y) / stepY)),
    x,
    y,
    stepX,
    stepY,
  })).filter((pass) => pass.width > 0 && pass.height > 0)
}

function rowBytes({ bitDepth, colorType }: Header, width: number): number {
  return Math.ceil((width * pngChannels(colorType) * bitDepth) / 8)
}

function checkSize(
  header: Header,
  rawBytes: number,
  compressedBytes: number,
  maxSizeBytes: number = DEFAULT_MAX_SIZE_BYTES,
  file: string,
): void {
  const { width, height, bitDepth, colorType } = header
  const sizeBytes = width * height * pngChannels(colorType) * (bitDepth === 16 ? 2 : 1)
  if (sizeBytes > maxSizeBytes || rawBytes > maxSizeBytes + height * 8) {
    throw formatSyntax(
      file,
      `is ${width}×${height} pixels, ${sizeBytes} bytes; the limit is ${maxSizeBytes} bytes`,
    )
  }
  if (rawBytes > compressedBytes * MAX_DEFLATE_RATIO) {
    throw formatSyntax(
      file,
      `says that it is ${width}×${height} pixels, which its ${compressedBytes} bytes cannot hold`,
    )
  }
}

function inflate(compressed: Uint8Array, rawBytes: number, file: string): Uint8Array {
  let raw: Uint8Array
  try {
    raw = inflateSync(compressed, {
      maxOutputLength: rawBytes,
      chunkSize: Math.max(64, Math.min(rawBytes + 1, 2 ** 24)),
    })
  } catch (error) {
    throw formatSyntax(file, 'is damaged: its pixels cannot be decompressed', error)
  }
  if (raw.length !== rawBytes) {
    throw formatSyntax(file, `is damaged: ${raw.length} bytes of pixels instead of ${rawBytes}`)
  }
  return raw
}

function samplesOf(
  header: Header,
  passes: readonly Pass[],
  raw: Uint8Array,
  file: string,
): Uint8Array | Uint16Array {
  const channels = pngChannels(header.colorType)
  const length = header.width * header.height * channels
  const data = header.bitDepth === 16 ? new Uint16Array(length) : new Uint8Array(length)
  const bytesPerPixel = Math.max(1, (channels * header.bitDepth) / 8)
  let offset = 0
  for (const pass of passes) {
    const bytesPerRow = rowBytes(header, pass.width)
    const rows = raw.subarray(offset, offset + pass.height * (bytesPerRow + 1))
    offset += rows.length
    const badRow = unfilterRows(rows, bytesPerRow, bytesPerPixel)
    if (badRow !== undefined) {
      throw formatSyntax(file, `is damaged: unknown filter in row ${badRow}`)
    }
    for (let row = 0; row < pass.height; row++) {
      const start = row * (bytesPerRow + 1) + 1
      const from = rows.subarray(start, start + bytesPerRow)
      const to = ((pass.y + row * pass.stepY) * header.width + pass.x) * channels
      placeRow(from, header.bitDepth, pass, channels, data, to)
    }
  }
  return data
}

function placeRow(
  from: Uint8Array,
  bitDepth: PngBitDepth,
  pass: Pass,
  channels: number,
  data: Uint8Array | Uint16Array,
  to: number,
): void {
  if (bitDepth === 8 && pass.stepX === 1) {
    data.set(from, to)
    return
  }
  const mask = 2 ** bitDepth - 1
  const samplesPerByte = 8 / bitDepth
  for (let x = 0; x < pass.width; x++) {
    for (let channel = 0; channel < channels; channel++) {
      const sample = x * channels + channel
      const target = to + x * pass.stepX * channels + channel
      if (bitDepth === 16) {
        data[target] = ((from[sample * 2] ?? 0) << 8) | (from[sample * 2 + 1] ?? 0)
      } else if (bitDepth === 8) {
        data[target] = from[sample] ?? 0
      } else {
        const shift = 8 - bitDepth * ((sample % samplesPerByte) + 1)
        data[target] = ((from[Math.floor(sample / samplesPerByte)] ?? 0) >> shift) & mask
      }
    }
  }
}
