import type { Format } from '@dsv/core'

/** Projects of images or point clouds in the JSON of Supervisely. */
export const superviselyFormat: Format = {
  name: 'supervisely',
  title: 'Supervisely JSON (images, point clouds)',
  source: new URL(
    'https://developer.supervisely.com/getting-started/supervisely-annotation-format',
  ),
  holds: new Set(['box', 'rotated-box', 'polygon', 'polyline', 'points', 'mask', 'cuboid-3d']),
  variants: [],
}
