import type { FormatAdapter } from '@dsv/core'
import { detectDota } from './detect.ts'
import { dotaFormat } from './format.ts'
import { readDota } from './read.ts'
import { writeDota } from './write.ts'

/** Reads and writes the text files of DOTA. */
export const dotaAdapter: FormatAdapter = {
  format: dotaFormat,
  detect: detectDota,
  read: readDota,
  write: writeDota,
}
