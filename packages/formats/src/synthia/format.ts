import type { Format } from '@dsv/core'

/** SYNTHIA: rendered streets with images of class numbers or colours. It is only read. */
export const synthiaFormat: Format = {
  name: 'synthia',
  title: 'SYNTHIA (RAND, SF, AL)',
  source: new URL('https://synthia-dataset.net/downloads/'),
  holds: new Set(['mask']),
  canWrite: false,
  variants: [],
}
