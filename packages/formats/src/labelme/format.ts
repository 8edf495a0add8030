import type { Format } from '@dsv/core'

/** The JSON of labelme, a file for each image. */
export const labelmeFormat: Format = {
  name: 'labelme',
  title: 'labelme JSON',
  source: new URL('https://github.com/wkentaro/labelme/blob/main/labelme/_label_file.py'),
  holds: new Set(['label', 'box', 'polygon', 'polyline', 'points', 'mask']),
  variants: [],
}
