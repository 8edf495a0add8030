import type { Format } from '@dsv/core'

/** Tables of labels, boxes or captions of images, a row for each. */
export const csvFormat: Format = {
  name: 'csv',
  title: 'CSV tables of labels, boxes and captions (Kaggle and the like)',
  source: new URL('https://www.rfc-editor.org/rfc/rfc4180'),
  holds: new Set(['label', 'box', 'caption']),
  variants: [],
  takesMap: true,
}
