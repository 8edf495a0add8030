import type { Format } from '@dsv/core'

/** CamVid: lists of images and masks that show classes by colour. */
export const camvidFormat: Format = {
  name: 'camvid',
  title: 'CamVid',
  source: new URL('http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/'),
  holds: new Set(['mask']),
  variants: [],
}
