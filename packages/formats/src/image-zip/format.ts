import type { Format } from '@dsv/core'

/** Zip files of images: one for each subset. */
export const imageZipFormat: Format = {
  name: 'image-zip',
  title: 'Zip files of images',
  source: new URL('https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT'),
  holds: new Set(),
  variants: [],
}
