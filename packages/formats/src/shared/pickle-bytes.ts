import { type DsvError, formatSyntax } from '@dsv/core'

/** A pickle that is being read. */
export interface PickleReading {
  /** Where the opcode that is read begins. */
  readonly at: () => number
  readonly byte: () => number
  /** The next bytes, not copied. */
  readonly bytes: (length: number) => Buffer
  readonly unsigned: (length: 1 | 2 | 4 | 8) => number
  readonly signed: () => number
  readonly double: () => number
  /** The text up to the next newline. */
  readonly line: () => string
  /** The error for what is wrong with the opcode that is read. */
  readonly problem: (what: string) => DsvError<'DSV_FORMAT_SYNTAX'>
}

/** Reads the bytes of a pickle; beyond its end everything is an error. */
export function pickleBytes(source: Uint8Array, file: string): PickleReading {
  const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  let next = 0
  let opcode = 0
  const problem = (what: string): DsvError<'DSV_FORMAT_SYNTAX'> =>
    formatSyntax(file, `the pickle ${what} (at byte ${opcode})`)
  const bytes = (length: number): Buffer => {
    if (length > buffer.length - next) throw problem('is cut off')
    next += length
    return buffer.subarray(next - length, next)
  }
  return {
    at: () => opcode,
    byte: () => {
      opcode = next
      return bytes(1)[0] ?? 0
    },
    bytes,
    unsigned: (length) => {
      if (length < 8) return bytes(length).readUIntLE(0, length)
      const value = bytes(8).readBigUInt64LE()
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw problem('is cut off')
      return Number(value)
    },
    signed: () => bytes(4).readInt32LE(),
    double: () => bytes(8).readDoubleBE(),
    line: () => {
      const end = buffer.indexOf(0x0a, next)
      if (end < 0) throw problem('is cut off')
      const text = buffer.toString('latin1', next, end)
      next = end + 1
      return text
    },
    problem,
  }
}
