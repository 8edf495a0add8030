import type { Format } from '@dsv/core'

/** What `--variant` takes, the default first. */
export type CvatVariant = 'images' | 'video'

/** CVAT XML 1.1: all images of a task in one file, or its tracks. */
export const cvatFormat: Format = {
  name: 'cvat',
  title: 'CVAT XML 1.1',
  source: new URL('https://docs.cvat.ai/docs/manual/advanced/xml_format/'),
  holds: new Set([
    'label',
    'box',
    'rotated-box',
    'polygon',
    'polyline',
    'points',
    'ellipse',
    'cuboid-2d',
    'mask',
  ]),
  holdsFrames: true,
  variants: ['images', 'video'],
}
