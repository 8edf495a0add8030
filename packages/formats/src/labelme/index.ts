import type { FormatAdapter } from '@dsv/core'
import { detectLabelme } from './detect.ts'
import { labelmeFormat } from './format.ts'
import { readLabelme } from './read.ts'
import { writeLabelme } from './write.ts'

/** Reads and writes the JSON of labelme. */
export const labelmeAdapter: FormatAdapter = {
  format: labelmeFormat,
  detect: detectLabelme,
  read: readLabelme,
  write: writeLabelme,
}
