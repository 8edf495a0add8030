import type { FormatAdapter } from '@dsv/core'
import { detectAva } from './detect.ts'
import { avaFormat } from './format.ts'
import { readAva } from './read.ts'
import { writeAva } from './write.ts'

/** Reads and writes the tables of AVA Actions. */
export const avaAdapter: FormatAdapter = {
  format: avaFormat,
  detect: detectAva,
  read: readAva,
  write: writeAva,
}
