import type { Format } from '@dsv/core'

/** CelebA with images as they were found. It is only read. */
export const celebaFormat: Format = {
  name: 'celeba',
  title: 'CelebFaces Attributes (CelebA), images as they were found',
  source: new URL('https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html'),
  holds: new Set(['label', 'points', 'box']),
  canWrite: false,
  variants: [],
}
