import type { FormatAdapter } from '@dsv/core'
import { detectVottCsv } from './detect.ts'
import { vottCsvFormat } from './format.ts'
import { readVottCsv } from './read.ts'
import { writeVottCsv } from './write.ts'

/** Reads and writes CSV of VoTT. */
export const vottCsvAdapter: FormatAdapter = {
  format: vottCsvFormat,
  detect: detectVottCsv,
  read: readVottCsv,
  write: writeVottCsv,
}
