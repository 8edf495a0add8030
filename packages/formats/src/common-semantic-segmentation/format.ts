import type { Format } from '@dsv/core'

/** Images and masks in two folders, and a file that names classes and colours. */
export const commonSemanticSegmentationFormat: Format = {
  name: 'common-semantic-segmentation',
  title: 'Common Semantic Segmentation (OpenVINO accuracy checker)',
  source: new URL(
    'https://docs.openvino.ai/2023.3/omz_tools_accuracy_checker_annotation_converters.html',
  ),
  holds: new Set(['mask']),
  variants: [],
}
