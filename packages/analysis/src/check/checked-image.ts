import { type Item, type Media, primaryMedium } from '@dsv/core'

/** Returns the image, or the frame of a video, that shapes of an item are on. */
export function checkedImage({ media }: Pick<Item, 'media'>): Media | undefined {
  return primaryMedium({
    media: media.filter(({ kind }) => kind === 'image' || kind === 'video'),
  })
}
