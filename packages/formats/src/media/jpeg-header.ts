import type { OpenFile } from '@dsv/core'
import type { ImageHeader } from './image-header.ts'
import { tiffHeader } from './tiff-header.ts'

/** Markers looked at before giving up; real files have far fewer in front of their frame header. */
const MAX_SEGMENTS = 512
const WINDOW_BYTES = 4096
const MAX_EXIF_BYTES = 65_536

/**
 * Returns size, channels and EXIF orientation of a JPEG, hopping over segments that are longer than
 * what was read; undefined when no frame header is found. Follows ITU T.81 annex B and CIPA DC-008.
 */
export async function jpegHeader(file: OpenFile): Promise<ImageHeader | undefined> {
  const bytes = windowOver(file)
  let orientation: number | undefined
  let offset = 2
  for (let count = 0; count < MAX_SEGMENTS; count += 1) {
    const head = await bytes(offset, 10)
    if (head.length < 4 || head[0] !== 0xff) return undefined
    const marker = head.readUInt8(1)
    if (marker === 0xff) {
      offset += 1
      continue
    }
    const length = head.readUInt16BE(2)
    if (isFrame(marker)) return head.length < 10 ? undefined : frameHeader(head, orientation)
    if (marker === 0xd9 || marker === 0xda || length < 2) return undefined
    if (marker === 0xe1 && orientation === undefined) {
      orientation = exifOrientation(await bytes(offset + 4, Math.min(length - 2, MAX_EXIF_BYTES)))
    }
    offset += 2 + length
  }
  return undefined
}

function frameHeader(head: Buffer, orientation: number | undefined): ImageHeader | undefined {
  const [height, width] = [head.readUInt16BE(5), head.readUInt16BE(7)]
  if (width === 0 || height === 0) return undefined
  const turned = orientation !== undefined && orientation > 1 ? { orientation } : {}
  return { width, height, channels: head.readUInt8(9), ...turned }
}

/** SOF0…SOF15 without DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

function exifOrientation(segment: Buffer): number | undefined {
  if (segment.toString('latin1', 0, 6) !== 'Exif\0\0') return undefined
  return tiffHeader(segment.subarray(6))?.orientation
}

/** Reads small ranges from a buffered window, so that a usual file costs one read. */
function windowOver(file: OpenFile): (offset: number, length: number) => Promise<Buffer> {
  let start = 0
  let window: Buffer = Buffer.alloc(0)
  return async (offset, length) => {
    const wanted = Math.min(offset + length, file.sizeBytes)
    if (offset < start || wanted > start + window.length) {
      const bytes = await file.read(offset, Math.max(length, WINDOW_BYTES))
      start = offset
      window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    return window.subarray(offset - start, offset - start + length)
  }
}
