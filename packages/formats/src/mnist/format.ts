import type { Format } from '@dsv/core'

/** Grey images and their labels in two IDX files for each subset. */
export const mnistFormat: Format = {
  name: 'mnist',
  title: 'MNIST (IDX files)',
  source: new URL('http://yann.lecun.com/exdb/mnist/'),
  holds: new Set(['label']),
  variants: [],
}
