import type { MediaInfo } from '@dsv/core'

/** What the header of an image says. */
export type ImageHeader = Omit<MediaInfo, 'kind'>

/**
 * Returns size and channels of a PNG, WebP, GIF or BMP from its first bytes (64 are enough), or
 * undefined. Follows PNG 3rd edition 11.2.1, RFC 9649, GIF89a and the BITMAPINFOHEADER of Windows.
 */
export function imageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = pngHeader(view) ?? webpHeader(view) ?? gifHeader(view) ?? bmpHeader(view)
  return header === undefined || header.width === 0 || header.height === 0 ? undefined : header
}

const PNG_CHANNELS: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [3, 3],
  [4, 2],
  [6, 4],
])

function pngHeader(view: Buffer): ImageHeader | undefined {
  if (view.length < 26 || view.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') return undefined
  // iOS writes a chunk of its own before the header.
  const start = view.toString('latin1', 12, 16) === 'CgBI' ? 24 + view.readUInt32BE(8) - 4 : 8
  if (view.length < start + 18 || view.toString('latin1', start + 4, start + 8) !== 'IHDR') {
    return undefined
  }
  return {
    width: view.readUInt32BE(start + 8),
    height: view.readUInt32BE(start + 12),
    ...optionalChannels(PNG_CHANNELS.get(view.readUInt8(start + 17))),
  }
}

function webpHeader(view: Buffer): ImageHeader | undefined {
  if (view.length < 30 || view.toString('latin1', 0, 4) !== 'RIFF') return undefined
  if (view.toString('latin1', 8, 12) !== 'WEBP') return undefined
  switch (view.toString('latin1', 12, 16)) {
    case 'VP8 ': {
      if (view.readUIntBE(23, 3) !== 0x9d012a) return undefined
      const [width, height] = [view.readUInt16LE(26) & 0x3fff, view.readUInt16LE(28) & 0x3fff]
      return { width, height, channels: 3 }
    }
    case 'VP8L': {
      if (view.readUInt8(20) !== 0x2f) return undefined
      const bits = view.readUInt32LE(21)
      const channels = ((bits >>> 28) & 1) === 1 ? 4 : 3
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, channels }
    }
    case 'VP8X': {
      const channels = (view.readUInt8(20) & 0x10) === 0 ? 3 : 4
      return { width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1, channels }
    }
    default:
      return undefined
  }
}

function gifHeader(view: Buffer): ImageHeader | undefined {
  if (view.length < 10 || !/^GIF8[79]a$/.test(view.toString('latin1', 0, 6))) return undefined
  return { width: view.readUInt16LE(6), height: view.readUInt16LE(8), channels: 3 }
}

function bmpHeader(view: Buffer): ImageHeader | undefined {
  if (view.length < 30 || view.toString('latin1', 0, 2) !== 'BM') return undefined
  const headerBytes = view.readUInt32LE(14)
  if (headerBytes === 12) {
    return { width: view.readUInt16LE(18), height: view.readUInt16LE(20), channels: 3 }
  }
  if (headerBytes < 40 || headerBytes > 256) return undefined
  const channels = view.readUInt16LE(28) === 32 ? 4 : 3
  // A negative height means rows from top to bottom.
  return { width: view.readInt32LE(18), height: Math.abs(view.readInt32LE(22)), channels }
}

/** Returns `{ channels }`, or nothing when it is not known. */
export function optionalChannels(channels: number | undefined): { readonly channels?: number } {
  return channels === undefined ? {} : { channels }
}
