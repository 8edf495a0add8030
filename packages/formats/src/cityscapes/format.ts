import type { Format } from '@dsv/core'

/** Cityscapes: images of the numbers of classes and objects, and polygons as JSON. */
export const cityscapesFormat: Format = {
  name: 'cityscapes',
  title: 'Cityscapes',
  source: new URL('https://github.com/mcordts/cityscapesScripts'),
  holds: new Set(['mask', 'polygon']),
  variants: ['instance-ids', 'train-ids'],
}
