import type { Format } from '@dsv/core'

/** Label Studio: a list of tasks as JSON, for images. */
export const labelStudioFormat: Format = {
  name: 'label-studio',
  title: 'Label Studio JSON',
  source: new URL('https://labelstud.io/guide/task_format'),
  holds: new Set([
    'label',
    'box',
    'rotated-box',
    'polygon',
    'polyline',
    'points',
    'ellipse',
    'mask',
    'caption',
  ]),
  variants: [],
}
