import type { Format } from '@dsv/core'

/** Labeled Faces in the Wild: pairs of images of people, with landmarks. */
export const lfwFormat: Format = {
  name: 'lfw',
  title: 'Labeled Faces in the Wild (LFW)',
  source: new URL('https://vis-www.cs.umass.edu/lfw/README.txt'),
  holds: new Set(['label', 'points']),
  variants: [],
}
