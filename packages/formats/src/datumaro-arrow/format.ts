import type { Format } from '@dsv/core'

/** Datumaro's Arrow files: items, packed annotations and media in one table. */
export const datumaroArrowFormat: Format = {
  name: 'datumaro-arrow',
  title: 'Datumaro Arrow',
  source: new URL(
    'https://github.com/open-edge-platform/datumaro/tree/develop/src/datumaro/plugins/data_formats/arrow',
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
  variants: [],
}
