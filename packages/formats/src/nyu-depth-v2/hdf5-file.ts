import { formatSyntax } from '@dsv/core'
import { Dataset, File } from 'jsfive'
import { fileTooLarge } from '../errors.ts'

/** The image and the depth of one file. */
export interface DepthImage {
  readonly width: number
  readonly height: number
  /** Red, green and blue of 8 bits, pixel by pixel. */
  readonly pixels: Uint8Array
  /** Metres, row by row. */
  readonly depth: readonly number[]
  /** Whether depths have 64 bits; 32 are enough for all others. */
  readonly isDouble: boolean
}

const MAX_FILE_BYTES = 256 * 2 ** 20
const MAX_PIXELS = 2 ** 26

/** Returns whether a file of HDF5 has an image and a depth. */
export function hasDepthImage(bytes: Uint8Array): boolean {
  try {
    const { keys } = openHdf5(bytes, '')
    return keys.includes('rgb') && keys.includes('depth')
  } catch {
    // Whatever its reader throws, it is no such file.
    return false
  }
}

/** Reads `rgb` (3, height, width) and `depth` (height, width). @throws `DSV_FORMAT_SYNTAX` */
export function readDepthImage(bytes: Uint8Array, file: string): DepthImage {
  if (bytes.length > MAX_FILE_BYTES) throw fileTooLarge(file, bytes.length, MAX_FILE_BYTES)
  let arrays: { readonly rgb: NumberArray; readonly depth: NumberArray }
  try {
    const opened = openHdf5(bytes, file)
    arrays = { rgb: arrayOf(opened.get('rgb')), depth: arrayOf(opened.get('depth')) }
  } catch (error) {
    throw formatSyntax(file, 'is no HDF5 file with rgb and depth', error)
  }
  const { rgb, depth } = arrays
  const [channels, height = 0, width = 0] = rgb.shape
  const [rows, columns] = depth.shape
  const isSame = rows === height && columns === width && depth.shape.length === 2
  if (channels !== 3 || rgb.shape.length !== 3 || !isSame || width * height === 0) {
    const shapes = `${rgb.shape.join('×')} and ${depth.shape.join('×')}`
    throw formatSyntax(file, `has rgb and depth of sizes that do not fit: ${shapes}`)
  }
  if (!rgb.numbers.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) {
    throw formatSyntax(file, 'has an rgb that is not of 8 bits')
  }
  const size = width * height
  const pixels = new Uint8Array(size * 3)
  for (let at = 0; at < size; at += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[at * 3 + channel] = rgb.numbers[channel * size + at] ?? 0
    }
  }
  return { width, height, pixels, depth: depth.numbers, isDouble: depth.type.endsWith('f8') }
}

function openHdf5(bytes: Uint8Array, name: string): File {
  const copy = new ArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return new File(copy, name)
}

interface NumberArray {
  readonly shape: readonly number[]
  readonly type: string
  readonly numbers: readonly number[]
}

function arrayOf(value: unknown): NumberArray {
  if (!(value instanceof Dataset)) throw new TypeError('is no array')
  const { shape, dtype } = value
  const length = shape.reduce((product, size) => product * size, 1)
  if (!(length >= 0 && length <= MAX_PIXELS * 3)) throw new RangeError('has too many numbers')
  const numbers: unknown = value.value
  if (!isNumberList(numbers) || numbers.length !== length) throw new TypeError('has no numbers')
  return { shape, type: String(dtype), numbers }
}

function isNumberList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number')
}
