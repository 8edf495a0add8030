/** Numbers with more decimals than this are stored as float64. */
const MAX_DECIMALS = 4
const POWERS = [1, 10, 100, 1000, 10_000]

/** Below it the double of a difference, and a bit for its sign, are an int32. */
const SCALED_LIMIT = 2 ** 29

const FLOAT64 = 0xff
const FLOAT64_BYTES = 8
const VARINT_BYTES = 5

/**
 * Lists are written one behind the other: most are short, and memory of its own costs more than such a
 * list does. What is full is left to those who hold lists in it.
 */
const SLAB_BYTES = 64 * 1024

let slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
let slabUsed = 0
let scaled: Int32Array = new Int32Array(8 * 1024)

/**
 * Returns a list of numbers in few bytes, or undefined when one of them is not finite. The first byte
 * is a count of decimals `d`, 0 to 4: then each number times 10^d is an integer, of which follows the
 * difference to the one two places before (x to x, y to y; the first two to 0) as a zigzag varint. Or
 * the first byte is 255: each number follows as a little-endian float64. It is the fewest decimals that
 * give every number exactly, and float64 where none do. An empty list is no bytes; -0 is 0.
 */
export function encodeNumberList(values: readonly number[]): Uint8Array | undefined {
  if (values.length === 0) return new Uint8Array()
  reserve(values.length)
  const decimals = scale(values)
  const end = decimals === undefined ? writeFloats(values) : writeScaled(values.length, decimals)
  if (end === undefined) return undefined
  const encoded = new Uint8Array(slab.buffer, slabUsed, end - slabUsed)
  slabUsed = end
  return encoded
}

/** Returns the numbers of {@link encodeNumberList}, or undefined for bytes that are none. */
export function decodeNumberList(bytes: Uint8Array): readonly number[] | undefined {
  const [first] = bytes
  if (first === undefined) return []
  if (first === FLOAT64) return readFloats(bytes)
  return first <= MAX_DECIMALS ? readScaled(bytes, POWERS[first] ?? 1) : undefined
}

function reserve(count: number): void {
  if (scaled.length < count) scaled = new Int32Array(2 * count)
  const most = 1 + count * FLOAT64_BYTES
  if (slab.length - slabUsed >= most) return
  slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, most))
  slabUsed = 0
}

/** Fills `scaled`; returns how many decimals give every number exactly, or undefined. */
function scale(values: readonly number[]): number | undefined {
  let decimals = 0
  let power = 1
  let largest = 0
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0
    const integer = Math.round(value * power)
    if (integer / power === value) {
      scaled[at] = integer
      largest = Math.max(largest, Math.abs(integer))
      continue
    }
    decimals += 1
    if (decimals > MAX_DECIMALS) return undefined
    power = POWERS[decimals] ?? 1
    largest = 0
    at = -1
  }
  return largest < SCALED_LIMIT ? decimals : undefined
}

/** Returns where the list ends in the slab. */
function writeScaled(count: number, decimals: number): number {
  let position = slabUsed
  slab[position++] = decimals
  let before = 0
  let last = 0
  for (let at = 0; at < count; at += 1) {
    const integer = scaled[at] ?? 0
    const difference = integer - before
    before = last
    last = integer
    let left = (difference << 1) ^ (difference >> 31)
    while (left >= 0x80) {
      slab[position++] = (left & 0x7f) | 0x80
      left >>>= 7
    }
    slab[position++] = left
  }
  return position
}

function readScaled(bytes: Uint8Array, power: number): readonly number[] | undefined {
  // With room for all: a list that grows is copied again and again, and filling one first costs more.
  // oxlint-disable-next-line unicorn/no-new-array
  const values = new Array<number>(countVarints(bytes))
  let count = 0
  let before = 0
  let last = 0
  let position = 1
  while (position < bytes.length) {
    let zigzag = 0
    let shift = 0
    let byte = 0
    do {
      if (shift === 7 * VARINT_BYTES || position === bytes.length) return undefined
      byte = bytes[position++] ?? 0
      zigzag |= (byte & 0x7f) << shift
      shift += 7
    } while (byte >= 0x80)
    const integer = before + ((zigzag >>> 1) ^ -(zigzag & 1))
    before = last
    last = integer
    values[count++] = integer / power
  }
  return values
}

/** Each varint ends with the only byte that has no high bit. */
function countVarints(bytes: Uint8Array): number {
  let count = 0
  for (let at = 1; at < bytes.length; at += 1) if ((bytes[at] ?? 0) < 0x80) count += 1
  return count
}

function writeFloats(values: readonly number[]): number | undefined {
  let position = slabUsed
  slab[position++] = FLOAT64
  for (const value of values) {
    if (!Number.isFinite(value)) return undefined
    // Adding 0 makes -0 0.
    position = slab.writeDoubleLE(value + 0, position)
  }
  return position
}

function readFloats(bytes: Uint8Array): readonly number[] | undefined {
  if (bytes.length % FLOAT64_BYTES !== 1) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const values: number[] = []
  for (let position = 1; position < bytes.length; position += FLOAT64_BYTES) {
    const value = view.getFloat64(position, true)
    if (!Number.isFinite(value)) return undefined
    values.push(value)
  }
  return values
}
