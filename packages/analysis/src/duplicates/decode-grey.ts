import { openImageBytes } from '@dsv/formats'

/** Grey levels 0…255, row by row, the way the image is looked at. */
export interface GreyPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Decodes an image to grey, turned as its EXIF says; undefined when it cannot be decoded. */
export async function decodeGrey(bytes: Uint8Array): Promise<GreyPixels | undefined> {
  try {
    const image = await openImageBytes(bytes, { ignoreIcc: true })
    const { data, info } = await image
      .autoOrient()
      .removeAlpha()
      .toColourspace('b-w')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return info.channels === 1 ? { width: info.width, height: info.height, data } : undefined
  } catch {
    // Whatever sharp has to say of hostile bytes, they are no picture that can be compared.
    return undefined
  }
}
