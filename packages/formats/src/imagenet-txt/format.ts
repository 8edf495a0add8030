import type { Format } from '@dsv/core'

/** Lists of images and the numbers of their classes, as Caffe and ImageNet have them. */
export const imagenetTxtFormat: Format = {
  name: 'imagenet-txt',
  title: 'ImageNet lists (text files of images and class numbers)',
  source: new URL('https://github.com/BVLC/caffe/blob/master/data/ilsvrc12/get_ilsvrc_aux.sh'),
  holds: new Set(['label']),
  variants: [],
}
