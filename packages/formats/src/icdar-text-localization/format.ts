import type { Format } from '@dsv/core'

/** ICDAR Robust Reading, text localization: a file of boxes or quadrilaterals and texts for each image. */
export const icdarTextLocalizationFormat: Format = {
  name: 'icdar-text-localization',
  title: 'ICDAR text localization (gt_<image>.txt)',
  source: new URL('https://rrc.cvc.uab.es/?ch=4&com=tasks'),
  holds: new Set(['box', 'polygon']),
  variants: [],
}
