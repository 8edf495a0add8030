import type { Format } from '@dsv/core'

/** MPII Human Pose: people with 16 joints and boxes of heads. It is only read. */
export const mpiiFormat: Format = {
  name: 'mpii',
  title: 'MPII Human Pose (MATLAB file or JSON)',
  source: new URL('http://human-pose.mpi-inf.mpg.de/#download'),
  holds: new Set(['points', 'box']),
  canWrite: false,
  variants: [],
}
