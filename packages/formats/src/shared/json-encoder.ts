import type { Json } from '@dsv/core'

/** Writes values as JSON in bytes. What it returns is valid until the next call. */
export type JsonEncoder = (value: Json) => Buffer

/**
 * Makes an encoder that writes what `JSON.stringify` writes, with a space after commas and colons when
 * `isSpaced`, as Python does. It is several times as fast for long lists of numbers with up to two
 * decimals, which is what annotations consist of.
 */
export function jsonEncoder(isSpaced: boolean): JsonEncoder {
  const out = growingBuffer()
  const keys = new Map<string, Buffer>()
  const separate = (): void => {
    out.byte(COMMA)
    if (isSpaced) out.byte(SPACE)
  }
  const writeKey = (key: string): void => {
    let bytes = keys.get(key)
    if (bytes === undefined) {
      bytes = Buffer.from(`${JSON.stringify(key)}:${isSpaced ? ' ' : ''}`)
      if (keys.size < MAX_KEYS) keys.set(key, bytes)
    }
    out.bytes(bytes)
  }
  const write = (value: Json): void => {
    if (typeof value === 'number') out.number(value)
    else if (typeof value !== 'object' || value === null) out.text(JSON.stringify(value))
    else if (isList(value)) {
      out.byte(OPEN_LIST)
      for (let index = 0; index < value.length; index += 1) {
        if (index > 0) separate()
        const inner = value[index] ?? null
        if (typeof inner === 'number') out.number(inner)
        else write(inner)
      }
      out.byte(CLOSE_LIST)
    } else {
      let count = 0
      out.byte(OPEN_OBJECT)
      for (const key of Object.keys(value)) {
        if (count > 0) separate()
        count += 1
        writeKey(key)
        write(value[key] ?? null)
      }
      out.byte(CLOSE_OBJECT)
    }
  }
  return (value) => {
    out.clear()
    write(value)
    return out.view()
  }
}

const COMMA = 0x2c
const SPACE = 0x20
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const MAX_KEYS = 1000
const MAX_INTEGER = 2 ** 31

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

/** Bytes that are written one after the other. */
interface GrowingBuffer {
  readonly byte: (byte: number) => void
  readonly bytes: (bytes: Buffer) => void
  readonly text: (text: string) => void
  readonly number: (value: number) => void
  readonly clear: () => void
  readonly view: () => Buffer
}

function growingBuffer(): GrowingBuffer {
  let buffer = Buffer.allocUnsafe(65_536)
  let length = 0
  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + count))
    buffer.copy(larger, 0, 0, length)
    buffer = larger
  }
  const text = (written: string): void => {
    reserve(written.length * 3)
    length += buffer.write(written, length)
  }
  return {
    byte: (byte) => {
      if (length >= buffer.length) reserve(1)
      buffer[length] = byte
      length += 1
    },
    bytes: (bytes) => {
      reserve(bytes.length)
      buffer.set(bytes, length)
      length += bytes.length
    },
    text,
    number: (value) => {
      // A number that equals hundredths divided by 100 has no shorter text than those: two decimals of
      // so few digits never are the same number.
      const hundredths = Math.round(value * 100)
      if (hundredths / 100 !== value || Math.abs(hundredths) >= MAX_INTEGER) {
        text(JSON.stringify(value))
        return
      }
      reserve(HUNDREDTHS_BYTES)
      length = writeHundredths(buffer, length, hundredths)
    },
    clear: () => {
      length = 0
    },
    view: () => buffer.subarray(0, length),
  }
}

/** A sign, ten digits and a point. */
const HUNDREDTHS_BYTES = 12

/**
 * Writes an integer below 2^31 divided by 100 at `start`; returns where it ends. It takes an integer
 * because handing a fraction to a function of this size makes an object of it.
 */
function writeHundredths(buffer: Buffer, start: number, hundredths: number): number {
  let at = start
  if (hundredths < 0) buffer[at++] = MINUS
  const size = Math.abs(hundredths) | 0
  const whole = (size / 100) | 0
  const decimals = size - whole * 100
  let end = at + 1
  for (let limit = 10; limit <= whole; limit *= 10) end += 1
  let rest = whole
  for (let digit = end - 1; digit >= at; digit -= 1) {
    const next = (rest / 10) | 0
    buffer[digit] = ZERO + rest - next * 10
    rest = next
  }
  if (decimals === 0) return end
  const tenths = (decimals / 10) | 0
  buffer[end++] = POINT
  buffer[end++] = ZERO + tenths
  if (decimals !== tenths * 10) buffer[end++] = ZERO + decimals - tenths * 10
  return end
}
