import type { FormatAdapter } from '@dsv/core'
import { detectLabelStudio } from './detect.ts'
import { labelStudioFormat } from './format.ts'
import { readLabelStudio } from './read.ts'
import { writeLabelStudio } from './write.ts'

/** Reads and writes tasks of Label Studio. */
export const labelStudioAdapter: FormatAdapter = {
  format: labelStudioFormat,
  detect: detectLabelStudio,
  read: readLabelStudio,
  write: writeLabelStudio,
}
