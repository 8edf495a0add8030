import type { FormatAdapter } from '@dsv/core'
import { detectTabular } from './detect.ts'
import { tabularFormat } from './format.ts'
import { readTabular } from './read.ts'
import { writeTabular } from './write.ts'

/** Reads and writes tables whose rows are data. */
export const tabularAdapter: FormatAdapter = {
  format: tabularFormat,
  detect: detectTabular,
  read: readTabular,
  write: writeTabular,
}
