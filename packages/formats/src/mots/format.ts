import type { Format } from '@dsv/core'

/** The PNG files of MOTS: masks of tracked objects, a class and an instance in each pixel. */
export const motsFormat: Format = {
  name: 'mots',
  title: 'MOTS (PNG)',
  source: new URL('https://www.vision.rwth-aachen.de/page/mots'),
  holds: new Set(['mask']),
  variants: [],
}
