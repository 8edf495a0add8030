import {
  bitmapToCounts,
  countsToBitmap,
  formatSyntax,
  type Json,
  type Mask,
  MAX_BITMAP_PIXELS,
} from '@dsv/core'
import { deflateSync, inflateSync } from 'node:zlib'
import { isObject } from '../shared/json-reader.ts'

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')

/**
 * Reads an array of NumPy (`.npy`, compressed by zlib, as base64) as a mask: what is not zero.
 *
 * @see {@link https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html | the format}
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function decodeNumpyMask(json: Json, file: string, place: string): Mask {
  const wrong = (problem: string, cause?: unknown): Error =>
    formatSyntax(file, `${place} ${problem}`, cause)
  const text = binaryText(json)
  if (text === undefined) throw wrong('should be an array as base64')
  const bytes = inflated(Buffer.from(text, 'base64'), wrong)
  if (!bytes.subarray(0, 6).equals(MAGIC) || bytes.length < 12) throw wrong('is no array of NumPy')
  const isFirst = bytes[6] === 1
  const start = isFirst ? 10 : 12
  const headerBytes = isFirst ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8)
  const header = bytes.toString('latin1', start, start + headerBytes)
  const match = /'descr':\s*'[<|]([biuf])([1248])'/u.exec(header)
  const shape = /'shape':\s*\((\d{1,9}),\s*(\d{1,9}),?\s*\)/u.exec(header)
  if (match === null || shape === null) throw wrong(`is an array that is no mask: ${header.trim()}`)
  const [height, width, size] = [Number(shape[1]), Number(shape[2]), Number(match[2])]
  const data = bytes.subarray(start + headerBytes)
  if (width * height > MAX_BITMAP_PIXELS || data.length < width * height * size) {
    throw wrong('is an array that is too short or too large')
  }
  const isColumns = /'fortran_order':\s*True/u.test(header)
  const bitmap = new Uint8Array(width * height)
  for (let x = 0; x < width; x += 1) {
    for (let y = 0; y < height; y += 1) {
      const at = (isColumns ? x * height + y : y * width + x) * size
      bitmap[x * height + y] = isZero(data, at, size) ? 0 : 1
    }
  }
  return { width, height, counts: bitmapToCounts(bitmap) }
}

/** Encodes a mask as an array of booleans, as FiftyOne stores it. */
export function encodeNumpyMask({ width, height, counts }: Mask): Json {
  const columns = countsToBitmap(counts, width * height)
  const start = "{'descr': '|b1', 'fortran_order': False, 'shape': "
  const dictionary = `${start}(${height}, ${width}), }`
  // The data begin at a multiple of 64.
  const header = Buffer.from(
    `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11, ' ')}\n`,
    'latin1',
  )
  const length = Buffer.alloc(2)
  length.writeUInt16LE(header.length)
  const rows = new Uint8Array(columns.length)
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[at++] = columns[x * height + y] ?? 0
  }
  const array = Buffer.concat([MAGIC, Buffer.from([1, 0]), length, header, rows])
  return { $binary: { base64: deflateSync(array).toString('base64'), subType: '00' } }
}

/** MongoDB's extended JSON, new and old, or the text alone. */
function binaryText(json: Json): string | undefined {
  if (typeof json === 'string') return json
  const binary = isObject(json) ? json['$binary'] : undefined
  const text = isObject(binary) ? binary['base64'] : binary
  return typeof text === 'string' ? text : undefined
}

function inflated(bytes: Buffer, wrong: (problem: string, cause?: unknown) => Error): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_BITMAP_PIXELS })
  } catch (error) {
    throw wrong('is not compressed by zlib, or too large', error)
  }
}

function isZero(data: Buffer, at: number, size: number): boolean {
  for (let byte = at; byte < at + size; byte += 1) if (data[byte] !== 0) return false
  return true
}
