import { decodePixels } from '@dsv/formats'

/** What the pixels of some images are on average, 0…255, weighted by pixels: red, green, blue. */
export interface PixelFigures {
  readonly images: number
  readonly pixels: number
  readonly mean: readonly [number, number, number]
  /** Unbiased; null of a single pixel. */
  readonly std: readonly [number, number, number] | null
}

/** Pixels that are summed as images come. */
export interface PixelTally {
  add(image: PixelSums): void
  /** Returns undefined before the first pixel. */
  figures(): PixelFigures | undefined
}

/** The samples of an image, and their squares, summed for each channel. */
export interface PixelSums {
  readonly pixels: number
  readonly sums: readonly [number, number, number]
  readonly squares: readonly [number, number, number]
}

/**
 * Returns the sums of an image. Pixels are those that are stored (EXIF does not turn them, colour profiles do not change
 * them) with 8 bits; grey counts as three equal channels, transparency is left out.
 *
 * @throws `DSV_FORMAT_SYNTAX` when it is no image that can be decoded
 */
export async function sumPixels(bytes: Uint8Array, file: string): Promise<PixelSums> {
  const { data } = await decodePixels(bytes, 3, file)
  const sums: [number, number, number] = [0, 0, 0]
  const squares: [number, number, number] = [0, 0, 0]
  for (const channel of [0, 1, 2] as const) {
    // An image has at most 2²⁸ pixels, so that its own sums stay exact.
    let [sum, square] = [0, 0]
    for (let at = channel; at < data.length; at += 3) {
      const sample = data[at] ?? 0
      sum += sample
      square += sample * sample
    }
    sums[channel] = sum
    squares[channel] = square
  }
  return { pixels: data.length / 3, sums, squares }
}

/** Adds up the sums of images in integers, so that neither their order nor their number matters. */
export function pixelTally(): PixelTally {
  let images = 0
  let pixels = 0n
  const sums: [bigint, bigint, bigint] = [0n, 0n, 0n]
  const squares: [bigint, bigint, bigint] = [0n, 0n, 0n]
  return {
    add: (image) => {
      images++
      pixels += BigInt(image.pixels)
      for (const channel of [0, 1, 2] as const) {
        sums[channel] += BigInt(image.sums[channel])
        squares[channel] += BigInt(image.squares[channel])
      }
    },
    figures: () => {
      if (pixels === 0n) return undefined
      const means = sums.map((sum) => Number(sum) / Number(pixels))
      const spread = sums.map((sum, channel) => {
        const square = squares[channel] ?? 0n
        return Math.sqrt(Number(pixels * square - sum * sum) / Number(pixels * (pixels - 1n)))
      })
      return {
        images,
        pixels: Number(pixels),
        mean: three(means),
        std: pixels > 1n ? three(spread) : null,
      }
    },
  }
}

function three([red = 0, green = 0, blue = 0]: readonly number[]): [number, number, number] {
  return [red, green, blue]
}
