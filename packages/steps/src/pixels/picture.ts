import { openImageBytes } from '@dsv/formats'
import type { Sharp } from 'sharp'

/** An image whose pixels can be taken; sizes are those of the pixels as stored, whatever its EXIF says. */
export interface Picture {
  readonly width: number
  readonly height: number
  /** The codec of the file: `jpeg`, `png`, `webp`, `tiff`, … */
  readonly codec: string
  /** Whether its colours become others: CMYK has to become RGB. */
  readonly changesColours: boolean
  /** A pipeline at the stored pixels, with their colour profile and EXIF. */
  readonly pixels: () => Sharp
}

/** How new pixels are encoded. */
export interface Encoding {
  /** `png` holds every pixel exactly; `source` is the codec of the image where that is written, else PNG. */
  readonly codec: 'png' | 'source'
  /** Of JPEG and WebP, 1…100. */
  readonly quality: number
}

/** More pixels than any image of a data set has. */
export const MAX_PIXELS: number = 2 ** 28

/** Sides that the codecs can write. */
const MAX_SIDES: Readonly<Record<string, number>> = { jpeg: 65_535, webp: 16_383, tiff: 2 ** 24 }

/** Opens an image; undefined when it cannot be decoded. */
export async function openPicture(bytes: Uint8Array): Promise<Picture | undefined> {
  try {
    const plain = await openImageBytes(bytes)
    const { width, height, format, space, depth, channels, hasAlpha } = await plain.metadata()
    // Drawings have no pixels of their own.
    if (format === 'svg') return undefined
    const isCmyk = space === 'cmyk'
    const isGrey = channels - (hasAlpha ? 1 : 0) === 1
    const isDeep = depth === 'ushort'
    const colours = isDeep ? (isGrey ? 'grey16' : 'rgb16') : isGrey ? 'b-w' : 'srgb'
    // A profile that is not applied, but kept, leaves every sample as it is.
    const image = await openImageBytes(bytes, { ignoreIcc: !isCmyk, failOn: 'error' })
    return {
      width,
      height,
      codec: format,
      changesColours: isCmyk,
      pixels: () => {
        const pixels = image.clone().toColourspace(colours)
        return isCmyk ? pixels.keepExif() : pixels.keepMetadata()
      },
    }
  } catch {
    // Whatever sharp has to say of hostile bytes, they are no picture.
    return undefined
  }
}

/**
 * Returns the same picture decoded, so that many regions can be taken without decoding it for each. Takes as many bytes as the
 * picture has samples.
 */
export async function decodedPicture(picture: Picture): Promise<Picture | undefined> {
  try {
    const bytes = await picture.pixels().tiff({ compression: 'none' }).toBuffer()
    const decoded = await openPicture(bytes)
    return decoded && { ...decoded, codec: picture.codec, changesColours: picture.changesColours }
  } catch {
    return undefined
  }
}

/** Returns the codec that an image of a size is written in, and what it is called at the end of a path. */
export function codecFor(
  { codec: source }: Pick<Picture, 'codec'>,
  { codec }: Encoding,
  { width, height }: { readonly width: number; readonly height: number },
): 'png' | 'jpeg' | 'webp' | 'tiff' {
  const isWritten = source === 'jpeg' || source === 'webp' || source === 'tiff'
  const fits = Math.max(width, height) <= (MAX_SIDES[source] ?? 0)
  return codec === 'source' && isWritten && fits ? source : 'png'
}

/** Returns the file of pixels; undefined where they cannot be decoded. JPEG keeps the full resolution of colours. */
export async function encodePixels(
  pixels: Sharp,
  codec: ReturnType<typeof codecFor>,
  { quality }: Encoding,
): Promise<Uint8Array | undefined> {
  try {
    return await encoder(pixels, codec, quality).toBuffer()
  } catch {
    // An image that is cut off says so only when its pixels are taken.
    return undefined
  }
}

function encoder(pixels: Sharp, codec: ReturnType<typeof codecFor>, quality: number): Sharp {
  switch (codec) {
    case 'jpeg':
      return pixels.jpeg({ quality, chromaSubsampling: '4:4:4' })
    case 'webp':
      return pixels.webp({ quality })
    case 'tiff':
      return pixels.tiff({ compression: 'deflate' })
    case 'png':
      return pixels.png()
    default:
      return pixels.png()
  }
}

const EXTENSIONS: Readonly<Record<string, RegExp>> = {
  jpeg: /\.(?:jpe?g|jpe|jfif)$/iu,
  webp: /\.webp$/iu,
  tiff: /\.tiff?$/iu,
  png: /\.png$/iu,
}

/** Returns the path with `suffix` behind the name, and the extension that its codec has. */
export function picturePath(path: string, suffix: string, codec: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const stem = path.slice(0, path.length - extension.length)
  const isRight = EXTENSIONS[codec]?.test(extension) === true
  return `${stem}${suffix}${isRight ? extension : `.${codec === 'jpeg' ? 'jpg' : codec}`}`
}
