import { formatSyntax, type Mask } from '@dsv/core'
import {
  decodePng,
  encodePng,
  pngChannels,
  type PngColorType,
  type PngImage,
  pngPaletteColor,
} from '../media/png.ts'
import { colorNumber } from './label-colors.ts'

/** One number for each pixel of an image, down the columns as masks are: `(x, y)` is at `x * height + y`. */
export interface LabelPlane {
  readonly width: number
  readonly height: number
  readonly values: Int32Array
}

/** The value of pixels that no label has. */
export const UNLABELLED = -1

/** The most pixels of a plane. */
export const MAX_PLANE_PIXELS: number = 2 ** 26

/** What the pixels of an image mean: a value of 0 or more, {@link UNLABELLED}, or undefined for nothing. */
export interface PixelMeaning {
  readonly ofIndex: (index: number) => number | undefined
  /** By {@link colorNumber}. */
  readonly ofColor: (color: number) => number | undefined
}

/**
 * Reads an image of labels: grey pixels by their value, coloured ones by colour, those with a palette by
 * colour when all its used colours mean something, else by index. Alpha says nothing.
 *
 * @throws `DSV_FORMAT_SYNTAX` with the pixel that means nothing
 */
export function decodeLabelPlane(
  bytes: Uint8Array,
  file: string,
  meaning: PixelMeaning,
): LabelPlane {
  const image = decodePng(bytes, { file, maxSizeBytes: MAX_PLANE_PIXELS * 8 })
  const { width, height, colorType } = image
  if (width * height > MAX_PLANE_PIXELS) throw formatSyntax(file, 'is too large for a mask')
  const isColor = pngChannels(colorType) >= 3
  const meaningOf = isColor ? meaning.ofColor : indexMeaning(image, meaning)
  const valueAt = pixelReader(image)
  const values = new Int32Array(width * height)
  let [last, lastMeaning]: [number, number | undefined] = [Number.NaN, undefined]
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0, at = y; x < width; x++, pixel++, at += height) {
      const value = valueAt(pixel)
      if (value !== last) {
        last = value
        lastMeaning = meaningOf(value)
      }
      if (lastMeaning === undefined) {
        const what = isColor ? `colour ${rgbText(value)}` : `value ${value}`
        throw formatSyntax(file, `the pixel (${x}, ${y}) has ${what}, which no label has`)
      }
      values[at] = lastMeaning
    }
  }
  return { width, height, values }
}

/** How an image of labels is stored: grey of 8 or 16 bits, or red, green and blue of 8 bits. */
export type PlaneStorage = 'grey8' | 'grey16' | 'rgb8'

/** Encodes a plane as PNG; `sampleOf` gives the grey value or the {@link colorNumber} of a value. */
export function encodeLabelPlane(
  { width, height, values }: LabelPlane,
  sampleOf: (value: number) => number,
  storage: PlaneStorage,
): Uint8Array {
  const channels = storage === 'rgb8' ? 3 : 1
  const length = width * height * channels
  const data = storage === 'grey16' ? new Uint16Array(length) : new Uint8Array(length)
  let [last, sample] = [Number.NaN, 0]
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = y; x < width; x++, at += height, to += channels) {
      const value = values[at] ?? UNLABELLED
      if (value !== last) {
        last = value
        sample = sampleOf(value)
      }
      if (channels === 1) data[to] = sample
      else {
        data[to] = sample >> 16
        data[to + 1] = (sample >> 8) & 255
        data[to + 2] = sample & 255
      }
    }
  }
  const colorType: PngColorType = channels === 3 ? 2 : 0
  return encodePng({ width, height, bitDepth: storage === 'grey16' ? 16 : 8, colorType, data })
}

/** Returns the mask of each value that occurs, in the order of values, without unlabelled pixels. */
export function planeMasks({ width, height, values }: LabelPlane): ReadonlyMap<number, Mask> {
  const regions = new Map<number, { readonly counts: number[]; end: number }>()
  for (let start = 0; start < values.length;) {
    const value = values[start] ?? UNLABELLED
    let end = start + 1
    while (end < values.length && values[end] === value) end += 1
    if (value !== UNLABELLED) {
      const region = regions.get(value) ?? { counts: [], end: 0 }
      regions.set(value, region)
      region.counts.push(start - region.end, end - start)
      region.end = end
    }
    start = end
  }
  const masks = new Map<number, Mask>()
  for (const [value, { counts, end }] of [...regions].toSorted(([a], [b]) => a - b)) {
    if (end < values.length) counts.push(values.length - end)
    masks.set(value, { width, height, counts })
  }
  return masks
}

function pixelReader({ colorType, bitDepth, data }: PngImage): (pixel: number) => number {
  const channels = pngChannels(colorType)
  if (channels === 1) return (pixel) => data[pixel] ?? 0
  if (channels === 2) return (pixel) => data[pixel * 2] ?? 0
  const shift = bitDepth === 16 ? 8 : 0
  return (pixel) => {
    const at = pixel * channels
    const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0]
    return ((red >> shift) << 16) | ((green >> shift) << 8) | (blue >> shift)
  }
}

function indexMeaning(
  { colorType, palette, data }: PngImage,
  { ofIndex, ofColor }: PixelMeaning,
): (index: number) => number | undefined {
  if (colorType !== 3 || palette === undefined) return ofIndex
  const used = new Uint8Array(256)
  for (const index of data) used[index] = 1
  const byColor = new Map<number, number>()
  for (const [index, isUsed] of used.entries()) {
    if (isUsed === 0) continue
    const color = pngPaletteColor(palette, index)
    const value = color === undefined ? undefined : ofColor(colorNumber(color))
    if (value === undefined) return ofIndex
    byColor.set(index, value)
  }
  return (index) => byColor.get(index)
}

function rgbText(color: number): string {
  return `${color >> 16},${(color >> 8) & 255},${color & 255}`
}
