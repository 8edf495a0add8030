import type { Format } from '@dsv/core'

/** BraTS as NumPy files that are cut to the brain. It is only read. */
export const bratsNumpyFormat: Format = {
  name: 'brats-numpy',
  title: 'BraTS (NumPy volumes, cut to the brain)',
  source: new URL(
    'https://docs.openvino.ai/2023.3/omz_models_model_brain_tumor_segmentation_0001.html',
  ),
  holds: new Set(['mask', 'cuboid-3d']),
  canWrite: false,
  variants: [],
}
