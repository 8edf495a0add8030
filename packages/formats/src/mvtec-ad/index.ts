import type { FormatAdapter } from '@dsv/core'
import { detectMvtecAd } from './detect.ts'
import { mvtecAdFormat } from './format.ts'
import { readMvtecAd } from './read.ts'
import { writeMvtecAd } from './write.ts'

/** Reads and writes images in folders of defects, with masks. */
export const mvtecAdAdapter: FormatAdapter = {
  format: mvtecAdFormat,
  detect: detectMvtecAd,
  read: readMvtecAd,
  write: writeMvtecAd,
}
