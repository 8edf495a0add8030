import type { Format } from '@dsv/core'

/** The XML of the LabelMe annotation tool of MIT. */
export const labelmeXmlFormat: Format = {
  name: 'labelme-xml',
  title: 'LabelMe XML (MIT)',
  source: new URL('https://github.com/CSAILVision/LabelMeAnnotationTool'),
  holds: new Set(['box', 'polygon', 'mask']),
  variants: [],
}
