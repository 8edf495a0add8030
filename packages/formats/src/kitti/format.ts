import type { Format } from '@dsv/core'

/** KITTI: text files of objects with their place in space, and images of class and object numbers. */
export const kittiFormat: Format = {
  name: 'kitti',
  title: 'KITTI (object detection in 2-D and 3-D, segmentation)',
  source: new URL('https://www.cvlibs.net/datasets/kitti/eval_object.php'),
  holds: new Set(['box', 'mask']),
  variants: [],
}
