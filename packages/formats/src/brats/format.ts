import type { Format } from '@dsv/core'

/** BraTS: volumes of brains as NIfTI, with a class for each voxel. It is only read. */
export const bratsFormat: Format = {
  name: 'brats',
  title: 'BraTS (NIfTI volumes, as in the Medical Segmentation Decathlon)',
  source: new URL('http://medicaldecathlon.com/'),
  holds: new Set(['mask']),
  canWrite: false,
  variants: [],
}
