import type { Format } from '@dsv/core'

/** The text files of WIDER FACE: boxes of faces, in folders of events. */
export const widerFaceFormat: Format = {
  name: 'wider-face',
  title: 'WIDER FACE',
  source: new URL('http://shuoyang1213.me/WIDERFACE/'),
  holds: new Set(['label', 'box']),
  variants: [],
}
