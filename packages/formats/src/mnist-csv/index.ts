import type { FormatAdapter } from '@dsv/core'
import { detectMnistCsv } from './detect.ts'
import { mnistCsvFormat } from './format.ts'
import { readMnistCsv } from './read.ts'
import { writeMnistCsv } from './write.ts'

/** Reads and writes MNIST as CSV. */
export const mnistCsvAdapter: FormatAdapter = {
  format: mnistCsvFormat,
  detect: detectMnistCsv,
  read: readMnistCsv,
  write: writeMnistCsv,
}
