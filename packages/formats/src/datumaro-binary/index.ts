import type { FormatAdapter } from '@dsv/core'
import { detectDatumaroBinary } from './detect.ts'
import { datumaroBinaryFormat } from './format.ts'
import { readDatumaroBinary } from './read.ts'
import { writeDatumaroBinary } from './write.ts'

/** Reads and writes the binary files of Datumaro. */
export const datumaroBinaryAdapter: FormatAdapter = {
  format: datumaroBinaryFormat,
  detect: detectDatumaroBinary,
  read: readDatumaroBinary,
  write: writeDatumaroBinary,
}
