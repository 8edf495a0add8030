import type { Format } from '@dsv/core'

/** Segment Anything (SA-1B): a JSON file with masks beside each image. */
export const segmentAnythingFormat: Format = {
  name: 'segment-anything',
  title: 'Segment Anything (SA-1B)',
  source: new URL('https://github.com/facebookresearch/segment-anything#dataset'),
  holds: new Set(['mask']),
  variants: [],
}
