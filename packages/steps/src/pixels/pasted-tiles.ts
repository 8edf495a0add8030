import type { ImageExtent } from '@dsv/core'
import type { Sharp } from 'sharp'
import type { OpenedImage } from './picture-step.ts'

/** A tile, and the pixel of the whole image at which it begins. */
export interface PastedTile {
  readonly x: number
  readonly y: number
  readonly image: OpenedImage
}

/**
 * Returns the pixels of tiles laid out on one image, later ones above; what none shows is black. Samples are copied, so they stay exactly as
 * they are; a colour profile is not kept, and noted. Undefined where a tile cannot be decoded, or tiles have other channels or another depth than the first.
 */
export async function pastedTiles(
  tiles: readonly PastedTile[],
  { width, height }: ImageExtent,
  note: (what: string) => void,
): Promise<Sharp | undefined> {
  const { default: sharp } = await import('sharp')
  let whole: Uint8Array | undefined
  let layout: Samples['layout'] | undefined
  for (const { x, y, image } of tiles) {
    const samples = await samplesOf(image)
    if (samples === undefined) return undefined
    layout ??= samples.layout
    const { channels, isDeep } = layout
    if (samples.layout.channels !== channels || samples.layout.isDeep !== isDeep) return undefined
    const pixelBytes = channels * (isDeep ? 2 : 1)
    whole ??= new Uint8Array(width * height * pixelBytes)
    const across = Math.min(image.width, width - x)
    const down = Math.min(image.height, height - y)
    for (let row = 0; row < down; row++) {
      const from = row * image.width * pixelBytes
      const to = ((y + row) * width + x) * pixelBytes
      whole.set(samples.bytes.subarray(from, from + across * pixelBytes), to)
    }
  }
  if (whole === undefined || layout === undefined) return undefined
  const { channels, isDeep, orientation, hasProfile } = layout
  if (hasProfile) note('colour profile left out')
  const input = isDeep ? new Uint16Array(whole.buffer) : whole
  const isGrey = channels < 3
  const colours = isDeep ? (isGrey ? 'grey16' : 'rgb16') : isGrey ? 'b-w' : 'srgb'
  const pixels = sharp(input, { raw: { width, height, channels } }).toColourspace(colours)
  return orientation > 1 ? pixels.withMetadata({ orientation }) : pixels
}

interface Samples {
  readonly bytes: Uint8Array
  readonly layout: {
    readonly channels: 1 | 2 | 3 | 4
    readonly isDeep: boolean
    readonly orientation: number
    readonly hasProfile: boolean
  }
}

async function samplesOf({ picture }: OpenedImage): Promise<Samples | undefined> {
  if (picture === undefined) return undefined
  try {
    const pixels = picture.pixels()
    const { depth, orientation = 1, hasProfile } = await pixels.metadata()
    const isDeep = depth === 'ushort'
    const { data, info } = await pixels
      .raw({ depth: isDeep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const { channels } = info
    return { bytes: data, layout: { channels, isDeep, orientation, hasProfile } }
  } catch {
    return undefined
  }
}
