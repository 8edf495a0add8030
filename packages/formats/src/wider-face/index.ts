import type { FormatAdapter } from '@dsv/core'
import { detectWiderFace } from './detect.ts'
import { widerFaceFormat } from './format.ts'
import { readWiderFace } from './read.ts'
import { writeWiderFace } from './write.ts'

/** Reads and writes the text files of WIDER FACE. */
export const widerFaceAdapter: FormatAdapter = {
  format: widerFaceFormat,
  detect: detectWiderFace,
  read: readWiderFace,
  write: writeWiderFace,
}
