import type { FormatAdapter } from '@dsv/core'
import { detectCifar } from './detect.ts'
import { cifarFormat } from './format.ts'
import { readCifar } from './read.ts'
import { writeCifar } from './write.ts'

/** Reads and writes the Python version of CIFAR-10 and CIFAR-100. */
export const cifarAdapter: FormatAdapter = {
  format: cifarFormat,
  detect: detectCifar,
  read: readCifar,
  write: writeCifar,
}
