import type { AnnotatedItem } from '@dsv/core'
import { numberTally } from './number-tally.ts'
import { imageOf, type PassingItem, repeatFinder } from './repeated-images.ts'
import type { ImageFigures } from './statistics.ts'
import { valueTally } from './value-tally.ts'

/** Images that are counted as items come. */
export interface ImageTally {
  add(item: AnnotatedItem): void
  /** Goes over the items once more where some images may repeat each other. */
  figures(again: () => AsyncIterable<PassingItem>): Promise<Omit<ImageFigures, 'pixels'>>
}

/** Counts images by what is known of them without reading them; memory: eight bytes an image. */
export function imageTally(): ImageTally {
  const repeats = repeatFinder()
  const [sizes, channels] = [valueTally(), valueTally()]
  const [widths, heights, aspects, bytes] = [
    numberTally(),
    numberTally(),
    numberTally(),
    numberTally(),
  ]
  let [count, missing, unknownSize] = [0, 0, 0]
  return {
    add: (item) => {
      const media = imageOf(item)
      if (media === undefined) return
      if (media.blob === undefined) missing++
      else {
        count++
        repeats.add(media)
        if (media.sizeBytes !== undefined && media.frame === undefined) bytes.add(media.sizeBytes)
      }
      const { width, height } = media
      if (media.channels !== undefined) channels.add(media.channels)
      if (width === undefined || height === undefined) {
        unknownSize++
        return
      }
      sizes.add(`${width}×${height}`)
      widths.add(width)
      heights.add(height)
      if (height > 0) aspects.add(width / height)
    },
    figures: async (again) => {
      const [width, height] = [widths.summary('ten'), heights.summary('ten')]
      const [aspect, ofBytes] = [aspects.summary('ten'), bytes.summary('octaves')]
      return {
        count,
        missing,
        unknownSize,
        ...(await repeats.find(again)),
        sizes: sizes.summary(),
        channels: channels.summary(),
        ...(width && { width }),
        ...(height && { height }),
        ...(aspect && { aspect }),
        ...(ofBytes && { bytes: ofBytes }),
      }
    },
  }
}
