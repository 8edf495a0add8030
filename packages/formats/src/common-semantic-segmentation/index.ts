import type { FormatAdapter } from '@dsv/core'
import { detectCommonSemanticSegmentation } from './detect.ts'
import { commonSemanticSegmentationFormat } from './format.ts'
import { readCommonSemanticSegmentation } from './read.ts'
import { writeCommonSemanticSegmentation } from './write.ts'

/** Reads and writes Common Semantic Segmentation. */
export const commonSemanticSegmentationAdapter: FormatAdapter = {
  format: commonSemanticSegmentationFormat,
  detect: detectCommonSemanticSegmentation,
  read: readCommonSemanticSegmentation,
  write: writeCommonSemanticSegmentation,
}
