import type { Format } from '@dsv/core'

/** The CSV files of Open Images, versions 4 to 7. */
export const openImagesFormat: Format = {
  name: 'open-images',
  title: 'Open Images (v4 to v7)',
  source: new URL('https://storage.googleapis.com/openimages/web/download_v7.html'),
  holds: new Set(['label', 'box', 'mask']),
  variants: [],
}
