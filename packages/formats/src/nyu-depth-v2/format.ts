import type { Format } from '@dsv/core'

/** NYU Depth V2 as HDF5 files, each an image and its depth. It is only read. */
export const nyuDepthV2Format: Format = {
  name: 'nyu-depth-v2',
  title: 'NYU Depth V2 (HDF5)',
  source: new URL('https://github.com/dwofk/fast-depth'),
  holds: new Set(['reference']),
  canWrite: false,
  variants: [],
}
