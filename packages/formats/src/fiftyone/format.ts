import type { Format } from '@dsv/core'

/** What FiftyOne exports: whole datasets, and its layouts for detection and classification of images. */
export const fiftyoneFormat: Format = {
  name: 'fiftyone',
  title: 'FiftyOne dataset',
  source: new URL('https://docs.voxel51.com/user_guide/export_datasets.html#fiftyonedataset'),
  holds: new Set(['label', 'box', 'polygon', 'polyline', 'points', 'mask']),
  variants: ['dataset', 'image-detection', 'image-classification'],
}
