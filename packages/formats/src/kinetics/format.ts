import type { Format } from '@dsv/core'

/** Kinetics: clips of videos, each with the action it shows. It is only read. */
export const kineticsFormat: Format = {
  name: 'kinetics',
  title: 'Kinetics (400, 600, 700)',
  source: new URL('https://github.com/cvdfoundation/kinetics-dataset'),
  holds: new Set(['label']),
  canWrite: false,
  variants: [],
}
