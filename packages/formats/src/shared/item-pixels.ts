import { type AnnotatedItem, isDsvError, type WriteContext } from '@dsv/core'
import { type DecodedPixels, decodePixels, type RawPixels } from './raw-pixels.ts'
import { imageOf } from './report-losses.ts'

/**
 * Decodes the image of an item for formats that hold pixels. Reports what pixels cannot say (depth,
 * transparency, EXIF orientation), and items without an image that can be decoded: undefined then.
 */
export async function itemPixels(
  item: AnnotatedItem,
  channels: RawPixels['channels'],
  context: Pick<WriteContext, 'onLoss' | 'readMedia'>,
): Promise<DecodedPixels | undefined> {
  const where = `${item.subset}/${item.id}`
  const medium = imageOf(item, context.onLoss)
  if (medium === undefined) return undefined
  if (medium.blob === undefined) {
    context.onLoss({ what: 'item', where: `${where}: its image is missing` })
    return undefined
  }
  try {
    const pixels = await decodePixels(await context.readMedia(medium), channels, medium.path)
    if (!pixels.isExact) context.onLoss({ what: 'media: depth or colour', where })
    if (medium.orientation !== undefined) context.onLoss({ what: 'media: orientation', where })
    return pixels
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    context.onLoss({ what: 'item', where: `${where}: ${error.message}` })
    return undefined
  }
}
