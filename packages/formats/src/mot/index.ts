import type { FormatAdapter } from '@dsv/core'
import { detectMot } from './detect.ts'
import { motFormat } from './format.ts'
import { readMot } from './read.ts'
import { writeMot } from './write.ts'

/** Reads and writes sequences of the MOTChallenge. */
export const motAdapter: FormatAdapter = {
  format: motFormat,
  detect: detectMot,
  read: readMot,
  write: writeMot,
}
