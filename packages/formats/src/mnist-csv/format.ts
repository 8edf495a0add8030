import type { Format } from '@dsv/core'

/** Grey images as rows of a CSV file: the label, then the pixels. */
export const mnistCsvFormat: Format = {
  name: 'mnist-csv',
  title: 'MNIST as CSV (label and pixels in a row)',
  source: new URL('https://pjreddie.com/projects/mnist-in-csv/'),
  holds: new Set(['label']),
  variants: [],
}
