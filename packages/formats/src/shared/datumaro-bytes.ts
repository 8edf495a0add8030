import { formatSyntax, type Json } from '@dsv/core'
import { isObject, type JsonObject, parseJson } from './json-reader.ts'
import { decimalOf } from './normalised-box.ts'

/** Bytes of Datumaro's binary forms that are read one after another; little endian. */
export interface DatumaroReading {
  readonly isAtEnd: () => boolean
  readonly byte: () => number
  readonly unsigned: () => number
  readonly signed: () => number
  /** A whole number of 64 bits; text where it is beyond what numbers hold exactly. */
  readonly long: () => number | string
  readonly text: () => string
  /** Numbers of 32 bits, as the decimals of fewest digits that stand for them. */
  readonly floats: () => readonly number[]
  readonly integers: () => readonly number[]
  /** A dictionary as JSON; no bytes are an empty one. */
  readonly dictionary: () => JsonObject
}

/** Reads bytes; beyond their end everything is `DSV_FORMAT_SYNTAX`. */
export function datumaroReading(bytes: Uint8Array, file: string): DatumaroReading {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let next = 0
  const take = (length: number): Buffer => {
    if (length > buffer.length - next) throw formatSyntax(file, `is cut off at byte ${next}`)
    next += length
    return buffer.subarray(next - length, next)
  }
  const unsigned = (): number => take(4).readUInt32LE()
  const list = (read: (bytes: Buffer, at: number) => number): readonly number[] => {
    const held = take(unsigned() * 4)
    return Array.from({ length: held.length / 4 }, (_, at) => read(held, at * 4))
  }
  return {
    isAtEnd: () => next >= buffer.length,
    byte: () => take(1)[0] ?? 0,
    unsigned,
    signed: () => take(4).readInt32LE(),
    long: () => {
      const value = take(8).readBigInt64LE()
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    },
    text: () => take(unsigned()).toString(),
    floats: () =>
      list((held, at) => {
        const value = held.readFloatLE(at)
        if (!Number.isFinite(value)) throw formatSyntax(file, `has the number ${value}`)
        return decimalOf(value, Math.fround)
      }),
    integers: () => list((held, at) => held.readInt32LE(at)),
    dictionary: () => {
      const held = take(unsigned())
      const json: Json = held.length === 0 ? {} : parseJson(held, file)
      if (!isObject(json)) throw formatSyntax(file, `has no dictionary before byte ${next}`)
      return json
    },
  }
}

/** Returns a whole number of 32 bits; beyond them the nearest. */
export function packedInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value))))
  return bytes
}

/** Returns a length or a kind. */
export function packedUnsigned(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Returns bytes behind their length. */
export function packedBytes(bytes: Uint8Array): Buffer {
  return Buffer.concat([packedUnsigned(bytes.length), bytes])
}

/** Returns a text. */
export function packedText(text: string): Buffer {
  return packedBytes(Buffer.from(text))
}

/** Returns a dictionary; an empty one has no bytes. */
export function packedDictionary(json: JsonObject): Buffer {
  return packedBytes(Buffer.from(Object.keys(json).length === 0 ? '' : JSON.stringify(json)))
}

/** Returns numbers of 32 bits. */
export function packedFloats(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries()) bytes.writeFloatLE(value, at * 4)
  return Buffer.concat([packedUnsigned(values.length), bytes])
}

/** Returns whole numbers of 32 bits. */
export function packedIntegers(values: readonly number[]): Buffer {
  return Buffer.concat([packedUnsigned(values.length), ...values.map(packedInteger)])
}
