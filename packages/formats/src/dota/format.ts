import type { Format } from '@dsv/core'

/** The text files of DOTA: objects in aerial images by their four corners. */
export const dotaFormat: Format = {
  name: 'dota',
  title: 'DOTA (labelTxt)',
  source: new URL('https://captain-whu.github.io/DOTA/dataset.html'),
  holds: new Set(['quad']),
  variants: [],
}
