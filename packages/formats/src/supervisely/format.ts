import type { Format } from '@dsv/core'

/** Projects of images in the JSON of Supervisely. */
export const superviselyFormat: Format = {
  name: 'supervisely',
  title: 'Supervisely JSON (images)',
  source: new URL(
    'https://developer.supervisely.com/getting-started/supervisely-annotation-format',
  ),
  holds: new Set(['box', 'rotated-box', 'polygon', 'polyline', 'points', 'mask']),
  variants: [],
}
