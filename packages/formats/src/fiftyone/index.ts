import type { FormatAdapter } from '@dsv/core'
import { detectFiftyone } from './detect.ts'
import { fiftyoneFormat } from './format.ts'
import { readFiftyone } from './read.ts'
import { writeFiftyone } from './write.ts'

/** Reads and writes datasets of FiftyOne. */
export const fiftyoneAdapter: FormatAdapter = {
  format: fiftyoneFormat,
  detect: detectFiftyone,
  read: readFiftyone,
  write: writeFiftyone,
}
