import { formatSyntax } from '@dsv/core'
import { isNumberCode, numberBytes, type NumberCode, typedNumbers } from './typed-numbers.ts'

/** Types of numbers that are written, in the words of NumPy. */
export type NpyType = '<f4' | '<f8'

const MAGIC = '\x93NUMPY\x01\x00'
const ALIGNMENT = 64

/**
 * Returns numbers as a NumPy file, row by row.
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html}
 */
export function formatNpy(
  numbers: readonly number[],
  shape: readonly number[],
  type: NpyType,
): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ')
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`
  const start = MAGIC.length + 2
  const length = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT - start
  const head = Buffer.alloc(start + length, ' ')
  head.write(MAGIC, 'latin1')
  head.writeUInt16LE(length, MAGIC.length)
  head.write(text, start)
  head.write('\n', head.length - 1)
  const size = type === '<f4' ? 4 : 8
  const body = Buffer.alloc(numbers.length * size)
  for (const [at, number] of numbers.entries()) {
    if (type === '<f4') body.writeFloatLE(number, at * size)
    else body.writeDoubleLE(number, at * size)
  }
  return Buffer.concat([head, body])
}

/** What the first bytes of a NumPy file say. */
export interface NpyHeader {
  readonly shape: readonly number[]
  readonly code: NumberCode
  readonly isBigEndian: boolean
  readonly isFortran: boolean
  /** Where the numbers begin. */
  readonly start: number
}

/** Reads the first bytes of a NumPy file of numbers. @throws `DSV_FORMAT_SYNTAX` */
export function readNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (buffer.length < 12 || buffer.toString('latin1', 0, 6) !== MAGIC.slice(0, 6)) {
    throw formatSyntax(file, 'is no NumPy file')
  }
  const isShort = buffer[6] === 1
  const from = isShort ? 10 : 12
  const start = from + (isShort ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8))
  const text = buffer.toString('latin1', from, Math.min(start, from + MAX_HEADER_BYTES))
  const [, order = '', letters = ''] = /'descr'\s*:\s*'([<>|=]?)(\w+)'/u.exec(text) ?? []
  const sides = /'shape'\s*:\s*\(([\d\s,]*)\)/u.exec(text)?.[1]
  const code = letters === 'b1' ? 'u1' : letters
  if (start > buffer.length || sides === undefined || !isNumberCode(code)) {
    throw formatSyntax(file, 'is no NumPy file of numbers')
  }
  const shape = sides.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]))
  const isFortran = /'fortran_order'\s*:\s*True/u.test(text)
  return { shape, code, isBigEndian: order === '>', isFortran, start }
}

const MAX_HEADER_BYTES = 65_536

/** Returns the first numbers of a NumPy file, row by row. @throws `DSV_FORMAT_SYNTAX` */
export function readNpyNumbers(
  bytes: Uint8Array,
  header: NpyHeader,
  length: number,
  file: string,
): ArrayLike<number> {
  const { code, isBigEndian, isFortran, start } = header
  if (isFortran && header.shape.length > 1) throw formatSyntax(file, 'is stored column by column')
  const end = start + length * numberBytes(code)
  if (!(end <= bytes.length)) throw formatSyntax(file, 'ends before its last number')
  return typedNumbers(bytes.subarray(start, end), code, isBigEndian)
}
