import { formatSyntax } from '@dsv/core'
import { gunzipSync } from 'node:zlib'
import type { LabelVolume } from '../shared/volume-masks.ts'
import { type NumberCode, numberBytes, typedNumbers } from '../shared/typed-numbers.ts'

const HEADER_BYTES = 348
const MAX_BYTES = 2 ** 30
const TYPES: ReadonlyMap<number, NumberCode> = new Map([
  [2, 'u1'],
  [4, 'i2'],
  [8, 'i4'],
  [16, 'f4'],
  [64, 'f8'],
  [256, 'i1'],
  [512, 'u2'],
  [768, 'u4'],
  [1024, 'i8'],
  [1280, 'u8'],
])

/** The numbers along each axis, the one whose numbers stand next to one another first. */
export type NiftiShape = readonly number[]

/** Returns the shape that the first bytes of a volume say; undefined when they say none. */
export function niftiShape(head: Uint8Array): NiftiShape | undefined {
  const { header } = headerOf(head) ?? {}
  return header?.shape
}

/** Returns the values of a volume of three axes. @throws `DSV_FORMAT_SYNTAX` */
export function readNiftiVolume(source: Uint8Array, file: string): LabelVolume {
  const { bytes, header } = headerOf(unpacked(source, file)) ?? {}
  if (bytes === undefined || header === undefined) throw formatSyntax(file, 'is no NIfTI-1 volume')
  const { shape, type, start, isBigEndian, slope, shift } = header
  const [rows = 1, columns = 1, slices = 1, ...more] = shape
  if (more.some((size) => size !== 1)) throw formatSyntax(file, 'has more than three axes')
  const code = TYPES.get(type)
  if (code === undefined) throw formatSyntax(file, `has values of the unknown type ${type}`)
  const length = rows * columns * slices
  const end = start + length * numberBytes(code)
  if (!(end <= bytes.length)) throw formatSyntax(file, 'ends before its last value')
  const stored = typedNumbers(bytes.subarray(start, end), code, isBigEndian)
  const isScaled = Number.isFinite(slope) && slope !== 0 && (slope !== 1 || shift !== 0)
  const values = isScaled ? Float64Array.from(stored, (value) => value * slope + shift) : stored
  return { rows, columns, slices, values }
}

function unpacked(source: Uint8Array, file: string): Uint8Array {
  if (source[0] !== 0x1f || source[1] !== 0x8b) return source
  try {
    return gunzipSync(source, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    throw formatSyntax(file, 'is damaged, or too large', error)
  }
}

interface NiftiHeader {
  readonly shape: NiftiShape
  readonly type: number
  readonly start: number
  readonly isBigEndian: boolean
  readonly slope: number
  readonly shift: number
}

/** @see {@link https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h} */
function headerOf(
  bytes: Uint8Array,
): { readonly bytes: Uint8Array; readonly header: NiftiHeader } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const isLittleEndian = view.getInt32(0, true) === HEADER_BYTES
  if (!isLittleEndian && view.getInt32(0, false) !== HEADER_BYTES) return undefined
  const axes = view.getInt16(40, isLittleEndian)
  if (axes < 1 || axes > 7) return undefined
  const shape = Array.from({ length: axes }, (_, at) => view.getInt16(42 + at * 2, isLittleEndian))
  const start = view.getFloat32(108, isLittleEndian)
  if (shape.some((size) => size < 1) || !(start >= HEADER_BYTES)) return undefined
  const header: NiftiHeader = {
    shape,
    type: view.getInt16(70, isLittleEndian),
    start: Math.floor(start),
    isBigEndian: !isLittleEndian,
    slope: view.getFloat32(112, isLittleEndian),
    shift: view.getFloat32(116, isLittleEndian),
  }
  return { bytes, header }
}
