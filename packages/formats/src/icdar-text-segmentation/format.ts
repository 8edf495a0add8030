import type { Format } from '@dsv/core'

/** ICDAR Robust Reading, text segmentation: the pixels of each letter, in its own colour. */
export const icdarTextSegmentationFormat: Format = {
  name: 'icdar-text-segmentation',
  title: 'ICDAR text segmentation (<image>_GT.bmp)',
  source: new URL('https://rrc.cvc.uab.es/?ch=2&com=tasks'),
  holds: new Set(['mask']),
  variants: [],
}
