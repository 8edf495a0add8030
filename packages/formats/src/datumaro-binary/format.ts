import type { Format } from '@dsv/core'

/** Datumaro's binary files: a packed form of its JSON. */
export const datumaroBinaryFormat: Format = {
  name: 'datumaro-binary',
  title: 'Datumaro binary',
  source: new URL(
    'https://github.com/open-edge-platform/datumaro/tree/develop/src/datumaro/plugins/data_formats/datumaro_binary',
  ),
  holds: new Set([
    'label',
    'box',
    'polygon',
    'polyline',
    'points',
    'mask',
    'ellipse',
    'cuboid-2d',
    'cuboid-3d',
    'caption',
  ]),
  holdsFrames: true,
  variants: [],
}
