import type { Format } from '@dsv/core'

/** ADE20K: objects and their parts as masks, and polygons. It is only read. */
export const ade20kFormat: Format = {
  name: 'ade20k',
  title: 'ADE20K (2017, 2020)',
  source: new URL('https://ade20k.csail.mit.edu/'),
  holds: new Set(['mask', 'polygon']),
  canWrite: false,
  variants: [],
}
