import type { FormatAdapter } from '@dsv/core'
import { readChangedYolo, writeChangedYolo } from './changed.ts'
import { detectYolo } from './detect.ts'
import { yoloFormat } from './format.ts'
import { readYolo } from './read.ts'
import { writeYolo } from './write.ts'

/** Reads and writes YOLO datasets of Ultralytics and Darknet. */
export const yoloAdapter: FormatAdapter = {
  format: yoloFormat,
  detect: detectYolo,
  read: readYolo,
  readChanged: readChangedYolo,
  write: writeYolo,
  writeChanged: writeChangedYolo,
}
