import type { FormatAdapter } from '@dsv/core'
import { detectCvat } from './detect.ts'
import { cvatFormat } from './format.ts'
import { readCvat } from './read.ts'
import { writeCvat } from './write.ts'

/** Reads and writes CVAT XML 1.1, for images and for video. */
export const cvatAdapter: FormatAdapter = {
  format: cvatFormat,
  detect: detectCvat,
  read: readCvat,
  write: writeCvat,
}
