import type { Media } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { quoted } from './describe-annotation.ts'
import { type ImageLook, lookAtImage } from './look-at-image.ts'
import { statedSize } from './stated-size.ts'

/** Checks of media. Memory does not grow: a few images are decoded at a time. */
export const MEDIA_CHECKS: CheckFamily = {
  title: 'Media',
  checks: [
    {
      name: 'image-missing',
      severity: 'error',
      about: 'The annotations name a media file that is not there, in a dataset that has others.',
      repair: { does: 'drops the item, or only the medium when it is not its image' },
    },
    {
      name: 'no-media',
      severity: 'info',
      about: 'None of the media files is there: the dataset is of annotations alone.',
    },
    {
      name: 'image-broken',
      severity: 'error',
      about: 'An image cannot be decoded as a whole.',
      needsPixels: true,
      repair: { does: 'drops the item, or only the medium when it is not its image' },
    },
    {
      name: 'image-size-mismatch',
      severity: 'error',
      about: 'The annotations say another size of an image than its pixels have.',
      needsPixels: true,
      repair: { does: 'takes the size of the pixels' },
    },
  ],
  inspect: inspectMedia,
}

const AT_ONCE = 4

function inspectMedia(context: InspectContext): Inspector {
  const { report, isOn, readMedia } = context
  const decodes = isOn('image-broken') || isOn('image-size-mismatch')
  const pending: (SizedImage & { readonly look: Promise<ImageLook> })[] = []
  // Findings are reported in the order of items, whichever image is decoded first.
  const settle = async (most: number): Promise<void> => {
    while (pending.length > most) {
      const next = pending.shift()
      if (next !== undefined) reportLook(context, next, await next.look)
    }
  }
  const counts = { there: 0, missing: 0 }
  const look = async (media: Media): Promise<ImageLook> =>
    lookAtImage(media, await readMedia(media))
  return {
    item: async ({ item, image }: CheckedItem) => {
      for (const media of item.media) {
        counts[media.blob === undefined ? 'missing' : 'there'] += 1
        if (
          media.blob !== undefined &&
          decodes &&
          media.kind === 'image' &&
          media.frame === undefined
        ) {
          const promise = look(media)
          // It is awaited in its turn; until then a failure is no unhandled one.
          promise.catch(() => {})
          const { subset, id } = item
          const stated = media === image ? statedSize(item) : undefined
          pending.push({ place: { subset, id, media: media.path }, media, stated, look: promise })
        }
      }
      await settle(AT_ONCE - 1)
    },
    needsSecondLook: () => counts.there > 0 && counts.missing > 0,
    itemAgain: ({ item: { subset, id, media: all } }) => {
      for (const { blob, path } of all)
        if (blob === undefined)
          report('image-missing', {
            subset,
            id,
            media: path,
            message: `There is no file ${quoted(path)}`,
          })
    },
    end: async () => {
      await settle(0)
      if (counts.there === 0 && counts.missing > 0)
        report('no-media', { message: `None of ${counts.missing} media files is there` })
    },
  }
}

/** An image, where it is named, and the size that the annotation file states beside that of the medium. */
interface SizedImage {
  readonly place: { readonly subset: string; readonly id: string; readonly media: string }
  readonly media: Media
  readonly stated: readonly [number, number] | undefined
}

function reportLook(
  { report }: InspectContext,
  { place, media, stated }: SizedImage,
  look: ImageLook,
): void {
  const name = quoted(media.path)
  if (look.type === 'broken')
    report('image-broken', { ...place, message: `${name} cannot be decoded: ${look.reason}` })
  if (look.type !== 'image') return
  const isRight = ([width, height]: readonly [number, number]): boolean =>
    (width === look.width && height === look.height) ||
    (look.isTurned && width === look.height && height === look.width)
  const known = media.width && media.height ? ([media.width, media.height] as const) : undefined
  const wrong = [known, stated].find((size) => size !== undefined && !isRight(size))
  if (wrong !== undefined)
    report('image-size-mismatch', {
      ...place,
      size: [look.width, look.height],
      message: `${name} is ${look.width} × ${look.height} pixels, not ${wrong[0]} × ${wrong[1]}`,
    })
}
