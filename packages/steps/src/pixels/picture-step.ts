import { primaryImage } from '@dsv/analysis'
import {
  type AnnotatedItem,
  type Annotation,
  type ImageExtent,
  type Media,
  newUid,
} from '@dsv/core'
import { probeBytes } from '@dsv/formats'
import { optionInvalid } from '../errors.ts'
import type { StepContext } from '../step.ts'
import {
  codecFor,
  decodedPicture,
  encodePixels,
  type Encoding,
  openPicture,
  type Picture,
  picturePath,
} from './picture.ts'
import type { Sharp } from 'sharp'

/** The options of all steps that make new pixels. */
export const ENCODING_OPTIONS: {
  readonly codec: {
    readonly type: 'string'
    readonly choices: readonly ['source', 'png']
    readonly describe: string
  }
  readonly quality: { readonly type: 'number'; readonly describe: string }
} = {
  codec: {
    type: 'string',
    choices: ['source', 'png'],
    describe: 'That of the image (default; PNG where it is not JPEG, WebP or TIFF), or PNG for all',
  },
  quality: { type: 'number', describe: 'Of JPEG and WebP, 1…100; 95 by default' },
}

/** Returns what the options say. @throws `DSV_OPTION_INVALID` */
export function encodingOf(
  step: string,
  {
    codec = 'source',
    quality = 95,
  }: { readonly codec?: Encoding['codec'] | undefined; readonly quality?: number | undefined },
): Encoding {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw optionInvalid(step, 'quality', 'is not a whole number from 1 to 100')
  return { codec, quality }
}

/** The image of an item. */
export interface OpenedImage extends ImageExtent {
  readonly medium: Media
  /** Undefined where the file is missing, and only the size is known. */
  readonly picture: Picture | undefined
}

/**
 * Opens the image of an item. Notes why there is none: then the item is left as it is. Where the file is missing but its size is known, annotations
 * can follow all the same.
 */
export async function openImage(
  item: AnnotatedItem,
  context: StepContext,
): Promise<OpenedImage | undefined> {
  const where = `${item.subset}/${item.id}`
  const note = (what: string): undefined => {
    context.onNote({ what: `item left as it is: ${what}`, where })
    return undefined
  }
  context.signal.throwIfAborted()
  const medium = primaryImage(item)
  if (medium === undefined) return note('it has no image')
  const others = item.media.filter((each) => each !== medium)
  if (medium.blob === undefined) {
    const { width, height } = medium
    if (width === undefined || height === undefined || !(width > 0 && height > 0))
      return note('its image is missing, and so is its size')
    context.onNote({ what: 'image is missing: only annotations changed', where })
    return { medium, width, height, picture: undefined }
  }
  const picture = await openPicture(await context.readMedia(medium))
  if (picture === undefined) return note('its image cannot be decoded')
  if (picture.changesColours) context.onNote({ what: 'CMYK became RGB', where })
  for (const { role } of others) context.onNote({ what: `media left out: ${role}`, where })
  return { medium, width: picture.width, height: picture.height, picture }
}

/** Encodes and stores new pixels of an item; undefined when they cannot be decoded. */
export async function storePixels(
  { medium, picture }: OpenedImage,
  { suffix, size, change }: NewPixels,
  encoding: Encoding,
  context: StepContext,
): Promise<Media | undefined> {
  if (picture === undefined) {
    const { sizeBytes: _size, orientation: _orientation, ...rest } = medium
    return { ...rest, path: picturePath(medium.path, suffix, codecOfPath(medium.path)), ...size }
  }
  const codec = codecFor(picture, encoding, size)
  const path = picturePath(medium.path, suffix, codec)
  const bytes = await encodePixels(change(picture.pixels()), codec, encoding)
  if (bytes === undefined) return undefined
  const info = await probeBytes(bytes, path)
  return { role: medium.role, path, ...info, ...(await context.storeMedia(bytes)) }
}

/** New pixels made of those of an item. */
export interface NewPixels {
  /** What goes behind the name of the file. */
  readonly suffix: string
  readonly size: ImageExtent
  readonly change: (pixels: Sharp) => Sharp
}

/** Returns the annotations with uids that differ: of pieces of one, the first keeps it. */
export function withDistinctUids(
  item: Pick<AnnotatedItem, 'subset' | 'id'>,
  layer: string,
  annotations: readonly Annotation[],
): readonly Annotation[] {
  const used = new Set<string>()
  return annotations.map((annotation) => {
    if (!used.has(annotation.uid)) {
      used.add(annotation.uid)
      return annotation
    }
    const { uid: _uid, ...draft } = annotation
    return { ...annotation, uid: newUid(item, layer, draft, used) }
  })
}

function codecOfPath(path: string): string {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  return extension === 'jpg' || extension === 'jpeg' ? 'jpeg' : extension
}

/** Opens the image of an item from which several regions are taken. */
export async function openForRegions(
  item: AnnotatedItem,
  regions: number,
  context: StepContext,
): Promise<OpenedImage | undefined> {
  const image = await openImage(item, context)
  if (image?.picture === undefined || regions < 2) return image
  const picture = await decodedPicture(image.picture)
  if (picture !== undefined) return { ...image, picture }
  const where = `${item.subset}/${item.id}`
  context.onNote({ what: 'item left as it is: its image cannot be decoded', where })
  return undefined
}

/** Returns which part of a shape must be left. @throws `DSV_OPTION_INVALID` */
export function minKeptOf(step: string, minKept = 0.1): number {
  if (!(minKept >= 0 && minKept <= 1))
    throw optionInvalid(step, 'min-kept', 'is not a fraction from 0 to 1')
  return minKept
}
