import type { Format } from '@dsv/core'

/** ICDAR Robust Reading, word recognition: what is written in each image of a word. */
export const icdarWordRecognitionFormat: Format = {
  name: 'icdar-word-recognition',
  title: 'ICDAR word recognition (gt.txt)',
  source: new URL('https://rrc.cvc.uab.es/?ch=4&com=tasks'),
  holds: new Set(['caption']),
  variants: [],
}
