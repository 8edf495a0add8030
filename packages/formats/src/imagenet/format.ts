import type { Format } from '@dsv/core'

/** A folder of images for each class, within folders of subsets where there are several. */
export const imagenetFormat: Format = {
  name: 'imagenet',
  title: 'ImageNet (a folder for each class)',
  source: new URL('https://www.image-net.org/download.php'),
  holds: new Set(['label']),
  variants: [],
}
