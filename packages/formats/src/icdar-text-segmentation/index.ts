import type { FormatAdapter } from '@dsv/core'
import { detectIcdarTextSegmentation } from './detect.ts'
import { icdarTextSegmentationFormat } from './format.ts'
import { readIcdarTextSegmentation } from './read.ts'
import { writeIcdarTextSegmentation } from './write.ts'

/** Reads and writes the segmented texts of ICDAR. */
export const icdarTextSegmentationAdapter: FormatAdapter = {
  format: icdarTextSegmentationFormat,
  detect: detectIcdarTextSegmentation,
  read: readIcdarTextSegmentation,
  write: writeIcdarTextSegmentation,
}
