import type { Format } from '@dsv/core'

/** MVTec AD: images of good and defective objects, with masks of the defects. */
export const mvtecAdFormat: Format = {
  name: 'mvtec-ad',
  title: 'MVTec AD (anomaly detection)',
  source: new URL('https://www.mvtec.com/company/research/datasets/mvtec-ad'),
  holds: new Set(['label', 'mask']),
  variants: [],
}
