import {
  bitmapToCounts,
  type Counts,
  countsToBitmap,
  type Mask,
  MAX_BITMAP_PIXELS,
} from '@dsv/core'

/** Numbers of bits that the length of a run may take, as Label Studio writes them. */
const RUN_BITS = [3, 4, 8, 16] as const
const CHANNELS = 4
/** Edges of brush strokes are drawn softly: from here on a pixel belongs to the mask. */
const OPAQUE = 128

/**
 * Returns the mask that a brush drew: bytes of red, green, blue and opacity along the rows, packed in
 * runs as thi.ng/rle-pack does it.
 *
 * @returns undefined when the bytes are damaged or not of an image of that size
 * @see {@link https://github.com/thi-ng/umbrella/tree/develop/packages/rle-pack}
 */
export function brushToMask(bytes: Uint8Array, width: number, height: number): Mask | undefined {
  const pixels = width * height
  if (!(pixels <= MAX_BITMAP_PIXELS)) return undefined
  const bits = bitReader(bytes)
  const count = bits.read(32)
  const wordBits = bits.read(5) + 1
  const sizes = RUN_BITS.map(() => bits.read(4) + 1)
  if (count !== pixels * CHANNELS || wordBits !== 8) return undefined
  const columns = new Uint8Array(pixels)
  for (let at = 0; at < count;) {
    const isRun = bits.read(1) === 1
    const end = at + 1 + bits.read(sizes[bits.read(2)] ?? 0)
    if (end > count || bits.isOver()) return undefined
    if (isRun) {
      const value = bits.read(8)
      // Opacity is the last of the four bytes of a pixel.
      const last = value < OPAQUE ? 0 : Math.floor(end / CHANNELS)
      for (let pixel = Math.floor(at / CHANNELS); pixel < last; pixel += 1) {
        columns[(pixel % width) * height + Math.floor(pixel / width)] = 1
      }
      at = end
      continue
    }
    for (; at < end; at += 1) {
      const value = bits.read(8)
      if (at % CHANNELS !== CHANNELS - 1 || value < OPAQUE) continue
      const pixel = (at - CHANNELS + 1) / CHANNELS
      columns[(pixel % width) * height + Math.floor(pixel / width)] = 1
    }
    if (bits.isOver()) return undefined
  }
  return { width, height, counts: bitmapToCounts(columns) }
}

/** Returns a mask as Label Studio packs it; undefined when it is too large for a bitmap. */
export function maskToBrush({ width, height, counts }: Mask): Uint8Array | undefined {
  const pixels = width * height
  if (!(pixels <= MAX_BITMAP_PIXELS)) return undefined
  const bits = bitWriter()
  bits.write(pixels * CHANNELS, 32)
  bits.write(8 - 1, 5)
  for (const size of RUN_BITS) bits.write(size - 1, 4)
  for (const [index, run] of rowRuns(counts, width, height).entries()) {
    for (let left = run * CHANNELS; left > 0;) {
      const length = Math.min(left, 2 ** 16)
      const size = RUN_BITS.findIndex((count) => length - 1 < 2 ** count)
      bits.write(1, 1)
      bits.write(size, 2)
      bits.write(length - 1, RUN_BITS[size] ?? 16)
      bits.write(index % 2 === 1 ? 255 : 0, 8)
      left -= length
    }
  }
  return bits.end()
}

function rowRuns(counts: Counts, width: number, height: number): Counts {
  const columns = countsToBitmap(counts, width * height)
  const rows = new Uint8Array(columns.length)
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < height; y += 1) rows[y * width + x] = columns[x * height + y] ?? 0
  }
  return bitmapToCounts(rows)
}

interface BitReader {
  /** Returns the next bits as a number, most significant first; 0 bits beyond the end. */
  readonly read: (count: number) => number
  /** Whether more was read than there is. */
  readonly isOver: () => boolean
}

function bitReader(bytes: Uint8Array): BitReader {
  let at = 0
  return {
    read: (count) => {
      let value = 0
      for (let bit = 0; bit < count; bit += 1, at += 1) {
        value = value * 2 + (((bytes[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1)
      }
      return value
    },
    isOver: () => at > bytes.length * 8,
  }
}

function bitWriter(): {
  readonly write: (value: number, count: number) => void
  readonly end: () => Uint8Array
} {
  const bytes: number[] = []
  let byte = 0
  let filled = 0
  return {
    write: (value, count) => {
      for (let bit = count - 1; bit >= 0; bit -= 1) {
        byte = byte * 2 + (Math.floor(value / 2 ** bit) % 2)
        filled += 1
        if (filled < 8) continue
        bytes.push(byte)
        byte = 0
        filled = 0
      }
    },
    end: () => {
      if (filled > 0) bytes.push(byte << (8 - filled))
      return Uint8Array.from(bytes)
    },
  }
}
