import { isUtf8 } from 'node:buffer'
import { recordCorrupt } from '../errors.ts'

/** How deep arrays and maps may be nested. */
export const CANONICAL_DEPTH = 64

const PROTO = Buffer.from('__proto__')
const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER)
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * Checks, without building anything, that bytes are one value in canonical form; see
 * `encodeCanonical`. Works in the given bytes, whatever counts they claim.
 *
 * @throws `DSV_RECORD_CORRUPT`
 */
export function checkCanonical(bytes: Buffer): void {
  const end = checkValue(bytes, 0, 0)
  if (end !== bytes.length) throw recordCorrupt(`${bytes.length - end} bytes follow the value`, end)
}

/** Checks the value at `at` and returns where it ends. */
function checkValue(bytes: Buffer, at: number, depth: number): number {
  const tag = bytes[at]
  if (tag === undefined) throw recordCorrupt('the bytes end within a value', at)
  if (tag < 0x80 || tag >= 0xe0) return at + 1
  if (tag < 0x90) return checkMap(bytes, at + 1, tag & 0x0f, depth)
  if (tag < 0xa0) return checkArray(bytes, at + 1, tag & 0x0f, depth)
  if (tag < 0xc0) return checkString(bytes, at + 1, tag & 0x1f)
  if (tag === 0xcb) return checkFloat(bytes, at)
  if (tag === 0xc0 || tag === 0xc2 || tag === 0xc3) return at + 1
  return checkLong(bytes, at, tag, depth)
}

function checkLong(bytes: Buffer, at: number, tag: number, depth: number): number {
  switch (tag) {
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return skip(bytes, at + 1 + sizeOf(tag - 0xc4), readCount(bytes, at, tag - 0xc4, 0))
    case 0xcc:
    case 0xcd:
    case 0xce:
      readCount(bytes, at, tag - 0xcc, 0x80)
      return at + 1 + sizeOf(tag - 0xcc)
    case 0xd9:
    case 0xda:
    case 0xdb:
      return checkString(bytes, at + 1 + sizeOf(tag - 0xd9), readCount(bytes, at, tag - 0xd9, 32))
    case 0xdc:
    case 0xdd:
      return checkArray(
        bytes,
        at + 1 + sizeOf(tag - 0xdb),
        readCount(bytes, at, tag - 0xdb, 16),
        depth,
      )
    case 0xde:
    case 0xdf:
      return checkMap(
        bytes,
        at + 1 + sizeOf(tag - 0xdd),
        readCount(bytes, at, tag - 0xdd, 16),
        depth,
      )
    case 0xcf:
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return checkInteger(bytes, at, tag)
    default:
      throw recordCorrupt(`byte 0x${tag.toString(16)} starts nothing known`, at)
  }
}

/** Bytes of a count of class 0, 1, 2: one, two, four. */
function sizeOf(sizeClass: number): number {
  return 1 << sizeClass
}

/** Reads the count behind the tag at `at`; it must not fit a smaller form. */
function readCount(bytes: Buffer, at: number, sizeClass: number, shortCount: number): number {
  const size = sizeOf(sizeClass)
  if (at + 1 + size > bytes.length) throw recordCorrupt('the bytes end within a value', at)
  const count = bytes.readUIntBE(at + 1, size)
  // Arrays and maps have no 8-bit form, so their 16-bit form starts at 16.
  const tag = bytes[at] ?? 0
  const smallest =
    sizeClass === 0 || (sizeClass === 1 && tag >= 0xdc) ? shortCount : 2 ** (4 * size)
  if (count < smallest) throw recordCorrupt('a number or length is not in its shortest form', at)
  return count
}

function skip(bytes: Buffer, start: number, length: number): number {
  const end = start + length
  if (end > bytes.length) throw recordCorrupt('the bytes end within a value', start)
  return end
}

function checkInteger(bytes: Buffer, at: number, tag: number): number {
  const size = tag === 0xcf || tag === 0xd3 ? 8 : sizeOf(tag - 0xd0)
  const end = skip(bytes, at + 1, size)
  let isShortest: boolean
  if (tag === 0xcf) {
    const value = bytes.readBigUInt64BE(at + 1)
    isShortest = value >= 0x1_00_00_00_00n && value <= MAX_SAFE
  } else if (tag === 0xd3) {
    const value = bytes.readBigInt64BE(at + 1)
    isShortest = value < -0x80_00_00_00n && value >= MIN_SAFE
  } else {
    const value = bytes.readIntBE(at + 1, size)
    isShortest = value < (size === 1 ? -0x20 : -(2 ** (4 * size - 1)))
  }
  if (!isShortest) throw recordCorrupt('an integer is not in its shortest form', at)
  return end
}

function checkFloat(bytes: Buffer, at: number): number {
  const end = skip(bytes, at + 1, 8)
  const value = bytes.readDoubleBE(at + 1)
  if (!Number.isFinite(value)) throw recordCorrupt(`the number ${value}`, at)
  if (Number.isSafeInteger(value)) throw recordCorrupt('an integer is stored as float64', at)
  return end
}

function checkString(bytes: Buffer, start: number, length: number): number {
  const end = skip(bytes, start, length)
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] ?? 0) >= 0x80) {
      if (!isUtf8(bytes.subarray(at, end))) throw recordCorrupt('a string is not UTF-8', start)
      break
    }
  }
  return end
}

function checkArray(bytes: Buffer, start: number, count: number, depth: number): number {
  checkRoom(bytes, start, count, depth)
  let at = start
  for (let item = 0; item < count; item += 1) at = checkValue(bytes, at, depth + 1)
  return at
}

function checkMap(bytes: Buffer, start: number, count: number, depth: number): number {
  checkRoom(bytes, start, 2 * count, depth)
  let at = start
  let lastStart = 0
  let lastEnd = -1
  for (let item = 0; item < count; item += 1) {
    const keyEnd = checkKey(bytes, at)
    const keyStart = keyEnd - keyLength
    if (lastEnd >= 0 && !isBefore(bytes, lastStart, lastEnd, keyStart, keyEnd)) {
      throw recordCorrupt('the keys of a map are not in order', keyStart)
    }
    if (keyLength === PROTO.length && PROTO.equals(bytes.subarray(keyStart, keyEnd))) {
      throw recordCorrupt('a map has the key __proto__', keyStart)
    }
    lastStart = keyStart
    lastEnd = keyEnd
    at = checkValue(bytes, keyEnd, depth + 1)
  }
  return at
}

let keyLength = 0

/** Checks the key at `at`, leaves its length in `keyLength`, and returns where it ends. */
function checkKey(bytes: Buffer, at: number): number {
  const tag = bytes[at] ?? 0
  const isShort = tag >= 0xa0 && tag < 0xc0
  if (!isShort && tag !== 0xd9 && tag !== 0xda && tag !== 0xdb) {
    throw recordCorrupt('a key of a map is not a string', at)
  }
  const sizeClass = tag - 0xd9
  const start = isShort ? at + 1 : at + 1 + sizeOf(sizeClass)
  keyLength = isShort ? tag & 0x1f : readCount(bytes, at, sizeClass, 32)
  return checkString(bytes, start, keyLength)
}

function isBefore(bytes: Buffer, a: number, aEnd: number, b: number, bEnd: number): boolean {
  const shared = Math.min(aEnd - a, bEnd - b)
  for (let at = 0; at < shared; at += 1) {
    const left = bytes[a + at] ?? 0
    const right = bytes[b + at] ?? 0
    if (left !== right) return left < right
  }
  return aEnd - a < bEnd - b
}

/** Refuses a count that the bytes cannot hold before anything is done with it. */
function checkRoom(bytes: Buffer, start: number, count: number, depth: number): void {
  if (depth >= CANONICAL_DEPTH) throw recordCorrupt(`nested deeper than ${CANONICAL_DEPTH}`, start)
  if (count > bytes.length - start) throw recordCorrupt('the bytes end within a value', start)
}
