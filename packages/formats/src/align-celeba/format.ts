import type { Format } from '@dsv/core'

/** CelebA with aligned and cropped images. It is only read. */
export const alignCelebaFormat: Format = {
  name: 'align-celeba',
  title: 'CelebFaces Attributes (CelebA), aligned and cropped images',
  source: new URL('https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html'),
  holds: new Set(['label', 'points']),
  canWrite: false,
  variants: [],
}
