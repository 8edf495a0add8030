import type { Format } from '@dsv/core'

/** COCO JSON in all its tasks. */
export const cocoFormat: Format = {
  name: 'coco',
  title: 'COCO JSON (detection, segmentation, keypoints, captions, panoptic, results)',
  source: new URL('https://cocodataset.org/#format-data'),
  holds: new Set(['label', 'box', 'polygon', 'mask', 'points', 'caption', 'panoptic-segment']),
  variants: ['instances', 'keypoints', 'captions', 'panoptic', 'stuff', 'image_info', 'results'],
}
