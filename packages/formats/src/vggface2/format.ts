import type { Format } from '@dsv/core'

/** VGGFace2: faces of people with loosely cropped boxes and five landmarks. */
export const vggface2Format: Format = {
  name: 'vggface2',
  title: 'VGGFace2',
  source: new URL('https://github.com/ox-vgg/vgg_face2'),
  holds: new Set(['label', 'points', 'box']),
  variants: [],
}
