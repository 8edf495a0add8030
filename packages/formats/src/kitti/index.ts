import type { FormatAdapter } from '@dsv/core'
import { detectKitti } from './detect.ts'
import { kittiFormat } from './format.ts'
import { readKitti } from './read.ts'
import { writeKitti } from './write.ts'

/** Reads and writes KITTI. */
export const kittiAdapter: FormatAdapter = {
  format: kittiFormat,
  detect: detectKitti,
  read: readKitti,
  write: writeKitti,
}
