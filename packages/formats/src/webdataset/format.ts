import type { Format } from '@dsv/core'

/** Samples in tar files: members with the same name up to the first dot belong together. */
export const webdatasetFormat: Format = {
  name: 'webdataset',
  title: 'WebDataset (shards of tar)',
  source: new URL('https://github.com/webdataset/webdataset#the-webdataset-format'),
  holds: new Set([
    'label',
    'caption',
    'box',
    'rotated-box',
    'quad',
    'polygon',
    'polyline',
    'points',
    'ellipse',
    'mask',
    'panoptic-segment',
    'cuboid-2d',
    'cuboid-3d',
    'text',
    'vector',
    'tabular',
    'temporal-segment',
  ]),
  variants: [],
}
