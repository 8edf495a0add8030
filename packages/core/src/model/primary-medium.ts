import type { Media } from './item.ts'

/** Returns the medium that an item is about: the primary one, else the first. */
export function primaryMedium<Medium extends Pick<Media, 'role'>>({
  media,
}: {
  readonly media: readonly Medium[]
}): Medium | undefined {
  return media.find(({ role }) => role === 'primary') ?? media[0]
}
