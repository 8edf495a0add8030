import type { Item, Media } from '@dsv/core'

/** Returns the image, or the frame of a video, that shapes of an item are on. */
export function checkedImage({ media }: Pick<Item, 'media'>): Media | undefined {
  const images = media.filter(({ kind }) => kind === 'image' || kind === 'video')
  return images.find(({ role }) => role === 'primary') ?? images[0]
}
