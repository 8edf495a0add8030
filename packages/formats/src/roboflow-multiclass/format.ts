import type { Format } from '@dsv/core'

/** Roboflow's table of images and classes: a column for each class, 1 where the image is of it. */
export const roboflowMulticlassFormat: Format = {
  name: 'roboflow-multiclass',
  title: 'Roboflow multi-class classification (_classes.csv)',
  source: new URL('https://roboflow.com/formats/multi-class-classification-csv'),
  holds: new Set(['label']),
  variants: [],
}
