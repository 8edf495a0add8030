import type { Format } from '@dsv/core'

/** Ground truth of the MOTChallenge: boxes of tracked objects in sequences of images. */
export const motFormat: Format = {
  name: 'mot',
  title: 'MOTChallenge (gt.txt)',
  source: new URL('https://motchallenge.net/instructions/'),
  holds: new Set(['box']),
  variants: [],
}
