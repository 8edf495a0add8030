import { formatSyntax } from '@dsv/core'
import { decodePng, encodePng, pngChannels, type PngImage, pngPaletteColor } from '../media/png.ts'
import { colorNumber, vocColor } from './color-map.ts'
import type { ClassCode, MaskTable } from './mask-table.ts'

/** One number for each pixel, row by row. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly values: Int32Array
}

/**
 * Reads a class mask: palette images by colour, or by index where the palette is not that of the
 * labels; grey images by index; others by colour.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the pixel that means nothing
 */
export function readClassPlane(bytes: Uint8Array, file: string, table: MaskTable): Plane {
  const image = decodePng(bytes, { file, maxSizeBytes: MAX_MASK_BYTES })
  const codeOf = image.colorType === 3 ? paletteCodes(image, table) : undefined
  if (codeOf !== undefined) return planeOf(image, file, (value) => codeOf.get(value))
  if (pngChannels(image.colorType) < 3) {
    return planeOf(image, file, (value) => table.codeOfIndex.get(value))
  }
  const colors = table.codeOfColor
  if (colors === undefined) {
    throw formatSyntax(file, 'shows labels by colour, but several labels have the same colour')
  }
  return planeOf(image, file, (value) => colors.get(value))
}

/**
 * Reads an object mask: the number of the object at each pixel, 0 for none, 255 for void. Images with
 * colours instead of indexes are read by the colour map of the challenge.
 *
 * @throws `DSV_FORMAT_SYNTAX`
 */
export function readObjectPlane(bytes: Uint8Array, file: string): Plane {
  const image = decodePng(bytes, { file, maxSizeBytes: MAX_MASK_BYTES })
  if (pngChannels(image.colorType) < 3) return planeOf(image, file, (value) => value)
  return planeOf(image, file, (value) => OBJECT_COLORS.get(value))
}

/** Encodes palette indexes, given column by column as masks are, as a PNG. */
export function encodeIndexPlane(
  columns: Uint8Array,
  width: number,
  height: number,
  palette: Uint8Array,
): Uint8Array {
  const data = new Uint8Array(columns.length)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[at++] = columns[x * height + y] ?? 0
  }
  return encodePng({ width, height, bitDepth: 8, colorType: 3, palette, data })
}

const MAX_MASK_BYTES = 2 ** 28

const OBJECT_COLORS: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 256 }, (_, index) => [colorNumber(vocColor(index)), index]),
)

function paletteCodes(
  { data, palette = new Uint8Array() }: PngImage,
  table: MaskTable,
): ReadonlyMap<number, ClassCode> {
  const colors = table.codeOfColor
  if (colors === undefined) return table.codeOfIndex
  const used = usedValues(data)
  const codes = new Map<number, ClassCode>()
  for (const index of used) {
    const color = pngPaletteColor(palette, index)
    const code = color === undefined ? undefined : colors.get(colorNumber(color))
    if (code !== undefined) codes.set(index, code)
  }
  const isForeign = [...codes.values()].every((code) => code === 0) && codes.size < used.length
  return isForeign ? table.codeOfIndex : codes
}

function usedValues(data: Uint8Array | Uint16Array): readonly number[] {
  const seen = new Uint8Array(65_536)
  for (const value of data) seen[value] = 1
  return [...seen.keys()].filter((value) => seen[value] === 1)
}

function planeOf(
  { width, height, colorType, bitDepth, data }: PngImage,
  file: string,
  meaning: (value: number) => number | undefined,
): Plane {
  const channels = pngChannels(colorType)
  const shift = bitDepth === 16 && channels >= 3 ? 8 : 0
  const values = new Int32Array(width * height)
  let [last, lastMeaning]: [number, number | undefined] = [-1, undefined]
  for (let pixel = 0, at = 0; pixel < values.length; pixel++, at += channels) {
    const value =
      channels < 3
        ? (data[at] ?? 0)
        : (((data[at] ?? 0) >> shift) << 16) |
          (((data[at + 1] ?? 0) >> shift) << 8) |
          ((data[at + 2] ?? 0) >> shift)
    if (value !== last) {
      last = value
      lastMeaning = meaning(value)
      if (lastMeaning === undefined) {
        const what =
          channels < 3
            ? `index ${value}`
            : `colour ${value >> 16},${(value >> 8) & 255},${value & 255}`
        const place = `(${pixel % width}, ${Math.floor(pixel / width)})`
        throw formatSyntax(file, `the pixel ${place} has ${what}, which no label has`)
      }
    }
    values[pixel] = lastMeaning ?? 0
  }
  return { width, height, values }
}
