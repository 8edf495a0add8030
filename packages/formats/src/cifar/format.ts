import type { Format } from '@dsv/core'

/** Small colour images and their labels as pickles of Python. */
export const cifarFormat: Format = {
  name: 'cifar',
  title: 'CIFAR-10 and CIFAR-100 (Python version)',
  source: new URL('https://www.cs.toronto.edu/~kriz/cifar.html'),
  holds: new Set(['label']),
  variants: [],
}
