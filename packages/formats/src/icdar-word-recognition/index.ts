import type { FormatAdapter } from '@dsv/core'
import { detectIcdarWordRecognition } from './detect.ts'
import { icdarWordRecognitionFormat } from './format.ts'
import { readIcdarWordRecognition } from './read.ts'
import { writeIcdarWordRecognition } from './write.ts'

/** Reads and writes the words of ICDAR. */
export const icdarWordRecognitionAdapter: FormatAdapter = {
  format: icdarWordRecognitionFormat,
  detect: detectIcdarWordRecognition,
  read: readIcdarWordRecognition,
  write: writeIcdarWordRecognition,
}
