import { formatSyntax } from '@dsv/core'
import type { RawPixels } from '../shared/raw-pixels.ts'
import {
  elementAt,
  isKind,
  listOf,
  type NumpyArray,
  type PickleValue,
  textOf,
} from '../shared/pickle-value.ts'

/** The images of one file. */
export interface CifarBatch {
  readonly count: number
  readonly filename: (index: number) => string | undefined
  /** The index of a label, undefined where there is none. CIFAR-100: the fine one. */
  readonly label: (index: number) => number | undefined
  readonly coarseLabel: (index: number) => number | undefined
  /** The pixels of an image, undefined where there are none. @throws `DSV_FORMAT_SYNTAX` */
  readonly pixels: (index: number) => RawPixels | undefined
}

const MAX_SAMPLES = 2 ** 28

/** Takes a dictionary as a batch: `data`, `labels` or `fine_labels` and `coarse_labels`, `filenames`. */
export function cifarBatch(value: PickleValue, file: string): CifarBatch {
  if (!(value instanceof Map)) throw formatSyntax(file, 'holds no dictionary')
  const labels = numbersOf(value, 'labels', file) ?? numbersOf(value, 'fine_labels', file)
  const coarse = numbersOf(value, 'coarse_labels', file)
  const filenames = listOf(value.get('filenames'))
  const sizes = listOf(value.get('image_sizes'))
  const count = labels?.length ?? filenames?.length
  if (count === undefined) throw formatSyntax(file, 'has neither labels nor filenames')
  for (const [name, list] of [
    ['filenames', filenames],
    ['coarse_labels', coarse],
    ['image_sizes', sizes],
  ] as const) {
    if (list !== undefined && list.length !== count) {
      throw formatSyntax(file, `has ${list.length} ${name} for ${count} labels`)
    }
  }
  const samples = samplesOf(value.get('data') ?? null, count, file)
  return {
    count,
    filename: (index) => textOf(filenames?.[index] ?? null),
    label: (index) => labels?.[index],
    coarseLabel: (index) => coarse?.[index],
    pixels: (index) => {
      const planes = samples(index)
      return planes === undefined
        ? undefined
        : pixelsOf(planes, sizes?.[index] ?? null, `${file}: image ${index}`)
    },
  }
}

function numbersOf(
  value: ReadonlyMap<string, PickleValue>,
  name: string,
  file: string,
): readonly (number | undefined)[] | undefined {
  return listOf(value.get(name))?.map((label, index) => {
    if (label === null) return undefined
    if (typeof label !== 'number' || !Number.isInteger(label) || label < 0) {
      throw formatSyntax(file, `has no label in ${name} at ${index}`)
    }
    return label
  })
}

/** Returns the samples of an image, in planes: an array of rows, of arrays, or a list of arrays. */
function samplesOf(
  data: PickleValue,
  count: number,
  file: string,
): (index: number) => Uint8Array | undefined {
  if (Array.isArray(data)) return rowsOfList(data, count, file)
  if (!isKind(data, 'array')) {
    if (data === null) return () => undefined
    throw formatSyntax(file, 'has data that are no array')
  }
  if (data.data.length === 0) return () => undefined
  const [rows = 0] = data.shape
  if (rows !== count) throw formatSyntax(file, `has ${rows} images for ${count} labels`)
  if (!(data.data instanceof Uint8Array) && data.shape.length === 1) {
    return rowsOfList(data.data, count, file)
  }
  return (index) => rowOf(data, index, `${file}: image ${index}`)
}

function rowsOfList(
  list: readonly PickleValue[],
  count: number,
  file: string,
): (index: number) => Uint8Array | undefined {
  if (list.length === 0) return () => undefined
  if (list.length !== count) {
    throw formatSyntax(file, `has ${list.length} images for ${count} labels`)
  }
  return (index) => {
    const row = list[index] ?? null
    const place = `${file}: image ${index}`
    if (row === null) return undefined
    if (row instanceof Uint8Array) return row
    if (Array.isArray(row)) return samplesFrom(row, place)
    if (isKind(row, 'array')) return rowOf({ ...row, shape: [1, row.data.length] }, 0, place)
    throw formatSyntax(place, 'is no array')
  }
}

function rowOf({ shape, ...array }: NumpyArray, index: number, place: string): Uint8Array {
  const [rows = 0, ...sides] = shape
  const length = sides.reduce((product, side) => product * side, 1)
  const { data, code, isFortran } = array
  if (!isFortran || rows === 1) {
    const start = index * length
    if (data instanceof Uint8Array && code === 'u1') return data.subarray(start, start + length)
    return samplesFrom(
      Array.from({ length }, (_, at) => elementAt(array, start + at) ?? null),
      place,
    )
  }
  if (sides.length !== 1) throw formatSyntax(place, 'lies in columns, which is not read')
  return samplesFrom(
    Array.from({ length }, (_, at) => elementAt(array, at * rows + index) ?? null),
    place,
  )
}

function samplesFrom(values: readonly PickleValue[], place: string): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 255) {
      throw formatSyntax(place, 'has a sample that is no number from 0 to 255')
    }
    return value
  })
}

/** Planes of red, green and blue become pixels. */
function pixelsOf(planes: Uint8Array, size: PickleValue, place: string): RawPixels {
  const [statedHeight = null, statedWidth = null] = listOf(size) ?? []
  const side = Math.sqrt(planes.length / 3)
  const height = typeof statedHeight === 'number' ? statedHeight : side
  const width = typeof statedWidth === 'number' ? statedWidth : side
  const area = width * height
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0
  if (!isSize || area * 3 !== planes.length || planes.length > MAX_SAMPLES) {
    const wanted = size === null ? 'three squares' : `3×${height}×${width}`
    throw formatSyntax(place, `has ${planes.length} samples, which are not ${wanted}`)
  }
  const data = new Uint8Array(planes.length)
  for (let at = 0; at < area; at++) {
    data[at * 3] = planes[at] ?? 0
    data[at * 3 + 1] = planes[area + at] ?? 0
    data[at * 3 + 2] = planes[area * 2 + at] ?? 0
  }
  return { width, height, channels: 3, data }
}
