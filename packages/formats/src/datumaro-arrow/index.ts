import type { FormatAdapter } from '@dsv/core'
import { detectDatumaroArrow } from './detect.ts'
import { datumaroArrowFormat } from './format.ts'
import { readDatumaroArrow } from './read.ts'
import { writeDatumaroArrow } from './write.ts'

/** Reads and writes the Arrow files of Datumaro. */
export const datumaroArrowAdapter: FormatAdapter = {
  format: datumaroArrowFormat,
  detect: detectDatumaroArrow,
  read: readDatumaroArrow,
  write: writeDatumaroArrow,
}
