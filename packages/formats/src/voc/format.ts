import type { Format } from '@dsv/core'

/** Pascal VOC: one XML file per image, palette PNG masks, and lists of image names. */
export const vocFormat: Format = {
  name: 'voc',
  title: 'Pascal VOC',
  source: new URL('http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/index.html'),
  holds: new Set(['label', 'box', 'mask']),
  variants: ['devkit', 'flat'],
}
