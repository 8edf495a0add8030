import type { FormatAdapter } from '@dsv/core'
import { detectMnist } from './detect.ts'
import { mnistFormat } from './format.ts'
import { readMnist } from './read.ts'
import { writeMnist } from './write.ts'

/** Reads and writes the IDX files of MNIST. */
export const mnistAdapter: FormatAdapter = {
  format: mnistFormat,
  detect: detectMnist,
  read: readMnist,
  write: writeMnist,
}
