import type { Format } from '@dsv/core'

/** VGG Image Annotator, versions 1 and 2. */
export const viaFormat: Format = {
  name: 'via',
  title: 'VGG Image Annotator (VIA) JSON',
  source: new URL('https://www.robots.ox.ac.uk/~vgg/software/via/docs/user_guide.html'),
  holds: new Set(['box', 'polygon', 'polyline', 'points', 'ellipse']),
  variants: ['project', 'annotations'],
}
