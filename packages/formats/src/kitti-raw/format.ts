import type { Format } from '@dsv/core'

/** KITTI raw data: tracks of cuboids in point clouds, with images beside. */
export const kittiRawFormat: Format = {
  name: 'kitti-raw',
  title: 'KITTI raw data (tracklets)',
  source: new URL('https://www.cvlibs.net/datasets/kitti/raw_data.php'),
  holds: new Set(['cuboid-3d']),
  variants: [],
}
