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
  const comma = isSpaced ? [COMMA, SPACE] : [COMMA]
  const separate = (): void => {
    for (const byte of comma) out.byte(byte)
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
    if (typeof value === 'number') writeNumber(out, value)
    else if (typeof value !== 'object' || value === null) out.text(JSON.stringify(value))
    else if (isList(value)) {
      out.byte(OPEN_LIST)
      for (let index = 0; index < value.length; index += 1) {
        if (index > 0) separate()
        write(value[index] ?? null)
      }
      out.byte(CLOSE_LIST)
    } else {
      let count = 0
      out.byte(OPEN_OBJECT)
      for (const [key, inner] of Object.entries(value)) {
        if (count > 0) separate()
        count += 1
        writeKey(key)
        write(inner)
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
  /** Writes the digits of an integer from 0 up to 2^31. */
  readonly digits: (value: number) => void
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
    text: (text) => {
      reserve(text.length * 3)
      length += buffer.write(text, length)
    },
    digits: (value) => {
      reserve(10)
      let count = 1
      for (let limit = 10; limit <= value; limit *= 10) count += 1
      let rest = value
      for (let at = length + count - 1; at >= length; at -= 1) {
        const next = (rest / 10) | 0
        buffer[at] = ZERO + rest - next * 10
        rest = next
      }
      length += count
    },
    clear: () => {
      length = 0
    },
    view: () => buffer.subarray(0, length),
  }
}

/**
 * A number that equals hundredths divided by 100 has no shorter text than those: two decimals of so
 * few digits never are the same number.
 */
function writeNumber(out: GrowingBuffer, value: number): void {
  const hundredths = Math.round(value * 100)
  const size = Math.abs(hundredths)
  if (hundredths / 100 !== value || size >= MAX_INTEGER) {
    out.text(JSON.stringify(value))
    return
  }
  if (hundredths < 0) out.byte(MINUS)
  const whole = (size / 100) | 0
  const rest = size - whole * 100
  out.digits(whole)
  if (rest === 0) return
  const tenths = (rest / 10) | 0
  out.byte(POINT)
  out.byte(ZERO + tenths)
  if (rest !== tenths * 10) out.byte(ZERO + rest - tenths * 10)
}
