import type { FormatAdapter } from '@dsv/core'
import { detectDatumaro } from './detect.ts'
import { datumaroFormat } from './format.ts'
import { readDatumaro } from './read.ts'
import { writeDatumaro } from './write.ts'

/** Reads and writes Datumaro JSON. */
export const datumaroAdapter: FormatAdapter = {
  format: datumaroFormat,
  detect: detectDatumaro,
  read: readDatumaro,
  write: writeDatumaro,
}
