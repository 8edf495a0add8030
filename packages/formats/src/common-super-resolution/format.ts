import type { Format } from '@dsv/core'

/** Images in low and in high resolution, paired by name. */
export const commonSuperResolutionFormat: Format = {
  name: 'common-super-resolution',
  title: 'Common Super Resolution (OpenVINO accuracy checker)',
  source: new URL(
    'https://docs.openvino.ai/2023.3/omz_tools_accuracy_checker_annotation_converters.html',
  ),
  holds: new Set(['reference']),
  variants: [],
}
