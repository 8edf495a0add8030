import { Packr } from 'msgpackr'
import { recordInvalid } from '../errors.ts'
import { CANONICAL_DEPTH, checkCanonical } from './check-canonical.ts'

const INITIAL_BYTES = 64 * 1024
const KEPT_BYTES = 4 * 1024 * 1024
const SHORT_STRING = 48
const LONE_SURROGATE = /\p{Surrogate}/u

// Measured on records of seven boxes: writing by hand takes 0.54 of the time of sorted Maps through
// msgpackr and gives the shortest int64, which msgpackr writes as float64. Reading is msgpackr's: a
// check ahead of it costs 0.15 on top, and it never sees bytes that are not canonical.
const reader = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: 'number',
  copyBuffers: true,
})

let bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
let position = 0

/**
 * Returns the one byte form of a value: [MessagePack](https://github.com/msgpack/msgpack/blob/master/spec.md)
 * with map keys in the order of their UTF-8 bytes, integers in their shortest form, all other numbers
 * as float64 (-0 is 0), strings and bytes with their shortest header, no extensions.
 *
 * Values are null, booleans, finite numbers, well-formed strings, `Uint8Array`, arrays and plain
 * objects, at most 64 deep.
 *
 * @throws `DSV_RECORD_INVALID` for anything else, `undefined` and a key `__proto__` included
 */
export function encodeCanonical(value: unknown): Uint8Array {
  position = 0
  const problem = write(value, 0)
  if (problem !== undefined) throw recordInvalid(placeOf(value, ''), problem)
  // Out of Node's pool: most values are short, and an ArrayBuffer of its own costs more than they do.
  const pooled = Buffer.allocUnsafe(position)
  bytes.copy(pooled, 0, 0, position)
  const encoded = new Uint8Array(pooled.buffer, pooled.byteOffset, position)
  if (bytes.length > KEPT_BYTES) bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  return encoded
}

/**
 * Returns the value of canonical bytes. Maps become plain objects, byte strings copies.
 *
 * @throws `DSV_RECORD_CORRUPT` when the bytes are not exactly what {@link encodeCanonical} gives
 */
export function decodeCanonical(encoded: Uint8Array): unknown {
  checkCanonical(Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length))
  // Out of a Buffer, byte strings would come as Buffers.
  return reader.unpack(new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.length))
}

/** Writes a value at `position`; returns what is wrong with it. */
function write(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value === 'object') return value === null ? writeNull() : writeObject(value, depth)
  if (typeof value !== 'boolean') return `a value of type ${typeof value}`
  reserve(1)
  bytes[position++] = value ? 0xc3 : 0xc2
  return undefined
}

function writeNull(): undefined {
  reserve(1)
  bytes[position++] = 0xc0
}

function writeObject(value: object, depth: number): string | undefined {
  if (value instanceof Uint8Array) return writeBytes(value)
  if (depth >= CANONICAL_DEPTH) return `nested deeper than ${CANONICAL_DEPTH}`
  if (Array.isArray(value)) return writeArray(value, depth)
  if (!isPlainMap(value)) return `a value that is not plain data (${nameOf(value)})`
  return writeMap(value, depth)
}

function isPlainMap(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value)
  // Another realm has another Object.prototype; what tells it apart is that nothing is above it.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function nameOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

function writeArray(items: readonly unknown[], depth: number): string | undefined {
  writeHeader(items.length, ARRAY_HEADERS)
  // By index: an absent item must be seen as undefined.
  for (let at = 0; at < items.length; at += 1) {
    const problem = write(items[at], depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function writeMap(map: Readonly<Record<string, unknown>>, depth: number): string | undefined {
  const keys = Object.keys(map)
  if (!isSorted(keys)) keys.sort(compareUtf8)
  writeHeader(keys.length, MAP_HEADERS)
  for (const key of keys) {
    if (key === '__proto__') return 'a key __proto__'
    const problem = writeString(key) ?? write(map[key], depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function isSorted(keys: readonly string[]): boolean {
  for (let at = 1; at < keys.length; at += 1) {
    if (compareUtf8(keys[at - 1] ?? '', keys[at] ?? '') > 0) return false
  }
  return true
}

/** Orders strings by their UTF-8 bytes; UTF-16 differs only between surrogates and U+E000–U+FFFF. */
function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at += 1) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) {
      return left >= 0xd800 && right >= 0xd800 ? rank(left) - rank(right) : left - right
    }
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x2000 : unit + 0x2000
}

function writeNumber(value: number): string | undefined {
  reserve(9)
  if (!Number.isSafeInteger(value)) {
    if (!Number.isFinite(value)) return `the number ${value}`
    bytes[position] = 0xcb
    position = bytes.writeDoubleBE(value, position + 1)
  } else if (value >= 0) {
    writeUnsigned(value)
  } else {
    writeNegative(value)
  }
  return undefined
}

function writeUnsigned(value: number): void {
  if (value < 0x80) {
    bytes[position++] = value
  } else if (value < 0x1_00) {
    bytes[position++] = 0xcc
    bytes[position++] = value
  } else if (value < 0x1_00_00) {
    bytes[position++] = 0xcd
    position = bytes.writeUInt16BE(value, position)
  } else if (value < 0x1_00_00_00_00) {
    bytes[position++] = 0xce
    position = bytes.writeUInt32BE(value, position)
  } else {
    bytes[position++] = 0xcf
    position = bytes.writeBigUInt64BE(BigInt(value), position)
  }
}

function writeNegative(value: number): void {
  if (value >= -0x20) {
    bytes[position++] = value & 0xff
  } else if (value >= -0x80) {
    bytes[position++] = 0xd0
    bytes[position++] = value & 0xff
  } else if (value >= -0x80_00) {
    bytes[position++] = 0xd1
    position = bytes.writeInt16BE(value, position)
  } else if (value >= -0x80_00_00_00) {
    bytes[position++] = 0xd2
    position = bytes.writeInt32BE(value, position)
  } else {
    bytes[position++] = 0xd3
    position = bytes.writeBigInt64BE(BigInt(value), position)
  }
}

function writeString(text: string): string | undefined {
  if (text.length < SHORT_STRING && writeShortAscii(text)) return undefined
  if (LONE_SURROGATE.test(text)) return 'a string with half a character (a lone surrogate)'
  const length = Buffer.byteLength(text)
  writeHeader(length, STRING_HEADERS)
  reserve(length)
  position += bytes.write(text, position, length, 'utf8')
  return undefined
}

/** Writes a short string when it is ASCII; calls into native code cost more than these loops. */
function writeShortAscii(text: string): boolean {
  const { length } = text
  reserve(length + 2)
  const start = length < 32 ? position + 1 : position + 2
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x80) return false
    bytes[start + at] = unit
  }
  if (length < 32) bytes[position] = 0xa0 | length
  else {
    bytes[position] = 0xd9
    bytes[position + 1] = length
  }
  position = start + length
  return true
}

function writeBytes(value: Uint8Array): undefined {
  writeHeader(value.length, BYTES_HEADERS)
  reserve(value.length)
  bytes.set(value, position)
  position += value.length
}

/** First bytes of the headers of one kind: short form, how many fit into it, 8, 16 and 32 bit. */
interface Headers {
  readonly short: number
  readonly shortCount: number
  readonly bits8: number | undefined
  readonly bits16: number
  readonly bits32: number
}

const MAP_HEADERS: Headers = headersOf(0x80, 16, undefined, 0xde)
const ARRAY_HEADERS: Headers = headersOf(0x90, 16, undefined, 0xdc)
const STRING_HEADERS: Headers = headersOf(0xa0, 32, 0xd9, 0xda)
const BYTES_HEADERS: Headers = headersOf(0, 0, 0xc4, 0xc5)

function headersOf(
  short: number,
  shortCount: number,
  bits8: number | undefined,
  bits16: number,
): Headers {
  return { short, shortCount, bits8, bits16, bits32: bits16 + 1 }
}

function writeHeader(count: number, headers: Headers): void {
  reserve(5)
  if (count < headers.shortCount) {
    bytes[position++] = headers.short | count
  } else if (count < 0x1_00 && headers.bits8 !== undefined) {
    bytes[position++] = headers.bits8
    bytes[position++] = count
  } else if (count < 0x1_00_00) {
    bytes[position++] = headers.bits16
    position = bytes.writeUInt16BE(count, position)
  } else {
    bytes[position++] = headers.bits32
    position = bytes.writeUInt32BE(count, position)
  }
}

function reserve(count: number): void {
  if (position + count <= bytes.length) return
  const larger = Buffer.allocUnsafeSlow(2 * (position + count))
  larger.set(bytes.subarray(0, position))
  bytes = larger
}

/** Finds what {@link write} stopped at; slow, for messages only. */
function placeOf(value: unknown, place: string): string {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return place
  if (place.length > 1000) return place
  for (const [key, item] of Object.entries(value)) {
    position = 0
    const inner = Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`
    if (write(item, 0) !== undefined) return placeOf(item, inner)
  }
  return place
}
