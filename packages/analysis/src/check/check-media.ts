import type { Media } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { quoted } from './describe-annotation.ts'
import { type ImageLook, lookAtImage } from './look-at-image.ts'

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
  const pending: {
    readonly place: Place
    readonly media: Media
    readonly look: Promise<ImageLook>
  }[] = []
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
    item: async ({ item: { subset, id, media: all } }: CheckedItem) => {
      for (const media of all) {
        const place = { subset, id, media: media.path }
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
          pending.push({ place, media, look: promise })
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

interface Place {
  readonly subset: string
  readonly id: string
  readonly media: string
}

function reportLook(
  { report }: InspectContext,
  { place, media }: { readonly place: Place; readonly media: Media },
  look: ImageLook,
): void {
  if (look.type === 'broken')
    report('image-broken', {
      ...place,
      message: `${quoted(media.path)} cannot be decoded: ${look.reason}`,
    })
  if (look.type !== 'image' || !media.width || !media.height) return
  const isSame = media.width === look.width && media.height === look.height
  const isTurned = look.isTurned && media.width === look.height && media.height === look.width
  if (!isSame && !isTurned)
    report('image-size-mismatch', {
      ...place,
      size: [look.width, look.height],
      message: `${quoted(media.path)} is ${look.width} × ${look.height} pixels, not ${media.width} × ${media.height}`,
    })
}
