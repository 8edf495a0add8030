/** The colour types of PNG: grey, RGB, palette, grey with alpha, RGB with alpha. */
export type PngColorType = 0 | 2 | 3 | 4 | 6

/** How many bits a sample of a PNG has. */
export type PngBitDepth = 1 | 2 | 4 | 8 | 16

/**
 * The samples of a PNG exactly as they are stored: palette indexes stay indexes, 16 bits stay 16 bits,
 * and neither gamma nor colour profile is applied.
 */
export interface PngImage {
  readonly width: number
  readonly height: number
  readonly bitDepth: PngBitDepth
  readonly colorType: PngColorType
  /** `r, g, b` for each palette index, 0…255. */
  readonly palette?: Uint8Array
  /** The bytes of `tRNS`: alpha by palette index, or one transparent 16-bit colour. */
  readonly transparency?: Uint8Array
  /**
   * Row by row, one element for each sample ({@link pngChannels} for each pixel). Samples of less than
   * 8 bits are unpacked but not scaled: 0…2^bitDepth − 1.
   */
  readonly data: Uint8Array | Uint16Array
}

/** Returns how many samples a pixel has. */
export function pngChannels(colorType: PngColorType): 1 | 2 | 3 | 4 {
  if (colorType === 2) return 3
  if (colorType === 4) return 2
  return colorType === 6 ? 4 : 1
}

/** Returns the colour of a palette index as `[red, green, blue]`; undefined outside the palette. */
export function pngPaletteColor(
  palette: Uint8Array,
  index: number,
): readonly [number, number, number] | undefined {
  const [red, green, blue] = palette.subarray(index * 3, index * 3 + 3)
  return red === undefined || green === undefined || blue === undefined
    ? undefined
    : [red, green, blue]
}
