import type { ImageHeader } from './image-header.ts'
import { optionalChannels } from './image-header.ts'

const WIDTH = 256
const HEIGHT = 257
const ORIENTATION = 274
const SAMPLES_PER_PIXEL = 277

/** Where the first directory of a TIFF is, and its byte order. */
interface TiffStart {
  readonly littleEndian: boolean
  readonly directoryOffset: number
}

/** Returns byte order and place of the first directory, or undefined when `bytes` begin no TIFF. */
export function tiffStart(bytes: Uint8Array): TiffStart | undefined {
  if (bytes.length < 8) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const order = view.getUint16(0)
  if (order !== 0x4949 && order !== 0x4d4d) return undefined
  const littleEndian = order === 0x4949
  if (view.getUint16(2, littleEndian) !== 42) return undefined
  return { littleEndian, directoryOffset: view.getUint32(4, littleEndian) }
}

/**
 * Returns what the first directory of a TIFF (or of the EXIF of a JPEG) says; `bytes` begin with its
 * directory when `directory` is given, else with the TIFF header. Follows TIFF 6.0, section 2.
 */
export function tiffHeader(
  bytes: Uint8Array,
  directory?: { readonly littleEndian: boolean },
): ImageHeader | undefined {
  const start = directory === undefined ? tiffStart(bytes) : { ...directory, directoryOffset: 0 }
  if (start === undefined || start.directoryOffset + 2 > bytes.length) return undefined
  const tags = readTags(bytes, start)
  const [width, height] = [tags.get(WIDTH), tags.get(HEIGHT)]
  const orientation = tags.get(ORIENTATION)
  const isTurned = orientation !== undefined && orientation > 1 && orientation <= 8
  return {
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...optionalChannels(tags.get(SAMPLES_PER_PIXEL)),
    ...(isTurned ? { orientation } : {}),
  }
}

function readTags(bytes: Uint8Array, start: TiffStart): ReadonlyMap<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { littleEndian } = start
  const count = view.getUint16(start.directoryOffset, littleEndian)
  const tags = new Map<number, number>()
  for (let index = 0; index < count; index += 1) {
    const offset = start.directoryOffset + 2 + index * 12
    if (offset + 12 > bytes.length) break
    const type = view.getUint16(offset + 2, littleEndian)
    const tag = view.getUint16(offset, littleEndian)
    if (type === 3) tags.set(tag, view.getUint16(offset + 8, littleEndian))
    if (type === 4) tags.set(tag, view.getUint32(offset + 8, littleEndian))
  }
  return tags
}
