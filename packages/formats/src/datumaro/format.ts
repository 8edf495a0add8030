import type { Format } from '@dsv/core'

/** Datumaro's own JSON: one file per subset, every kind of annotation. */
export const datumaroFormat: Format = {
  name: 'datumaro',
  title: 'Datumaro JSON',
  source: new URL(
    'https://open-edge-platform.github.io/datumaro/stable/docs/data-formats/formats/datumaro.html',
  ),
  holds: new Set([
    'label',
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
    'caption',
    'text',
    'vector',
    'tabular',
    'reference',
    'temporal-segment',
  ]),
  holdsFrames: true,
  variants: [],
}
