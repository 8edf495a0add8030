import type { FormatAdapter } from '@dsv/core'
import { detectCsv } from './detect.ts'
import { csvFormat } from './format.ts'
import { readCsv } from './read.ts'
import { writeCsv } from './write.ts'

/** Reads and writes tables of images. */
export const csvAdapter: FormatAdapter = {
  format: csvFormat,
  detect: detectCsv,
  read: readCsv,
  write: writeCsv,
}
