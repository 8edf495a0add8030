import { isDsvError, type Media } from '@dsv/core'
import { type PixelSums, type PixelTally, pixelTally, sumPixels } from './pixel-tally.ts'
import type { PixelStatistics } from './statistics.ts'

/** Pixels that are summed as items come. */
export interface SubsetPixels {
  /** Takes the image of an item, where it has one. */
  add(subset: string, media: Media | undefined): Promise<void>
  /** Returns undefined where pixels are not read. */
  figures(): PixelStatistics | undefined
}

const MAX_EXAMPLES = 20
/** What an image that cannot be read throws. */
const UNREADABLE = ['DSV_FORMAT_SYNTAX', 'DSV_MEDIA_MISSING', 'DSV_OBJECT_NOT_FOUND'] as const

/** Sums the pixels of each subset, and of all; does nothing where pixels are not read. */
export function subsetPixels(
  readMedia: ((media: Media) => Promise<Uint8Array>) | undefined,
): SubsetPixels {
  const all = pixelTally()
  const subsets = new Map<string, PixelTally>()
  const unread = { count: 0, examples: [] as string[] }
  return {
    add: async (subset, media) => {
      if (readMedia === undefined || media === undefined) return
      const tally = subsets.get(subset) ?? pixelTally()
      subsets.set(subset, tally)
      const sums = await sumsOf(media, readMedia)
      if (sums === undefined) {
        unread.count++
        if (unread.examples.length < MAX_EXAMPLES) unread.examples.push(media.path)
        return
      }
      tally.add(sums)
      all.add(sums)
    },
    figures: () =>
      readMedia && {
        all: all.figures() ?? null,
        subsets: [...subsets]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([subset, tally]) => {
            const figures = tally.figures()
            return figures === undefined ? [] : [{ subset, ...figures }]
          }),
        unread,
      },
  }
}

/** Returns undefined for what is not stored here or cannot be decoded. */
async function sumsOf(
  media: Media,
  readMedia: (media: Media) => Promise<Uint8Array>,
): Promise<PixelSums | undefined> {
  try {
    return await sumPixels(await readMedia(media), media.path)
  } catch (error) {
    if (UNREADABLE.some((code) => isDsvError(error, code))) return undefined
    throw error
  }
}
