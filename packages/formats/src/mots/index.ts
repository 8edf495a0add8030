import type { FormatAdapter } from '@dsv/core'
import { detectMots } from './detect.ts'
import { motsFormat } from './format.ts'
import { readMots } from './read.ts'
import { writeMots } from './write.ts'

/** Reads and writes the PNG files of MOTS. */
export const motsAdapter: FormatAdapter = {
  format: motsFormat,
  detect: detectMots,
  read: readMots,
  write: writeMots,
}
