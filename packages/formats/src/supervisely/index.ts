import type { FormatAdapter } from '@dsv/core'
import { detectSupervisely } from './detect.ts'
import { superviselyFormat } from './format.ts'
import { readSupervisely } from './read.ts'
import { writeSupervisely } from './write.ts'

/** Reads and writes projects of images of Supervisely. */
export const superviselyAdapter: FormatAdapter = {
  format: superviselyFormat,
  detect: detectSupervisely,
  read: readSupervisely,
  write: writeSupervisely,
}
