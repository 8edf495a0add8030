import type { FormatAdapter } from '@dsv/core'
import { detectRoboflowMulticlass } from './detect.ts'
import { roboflowMulticlassFormat } from './format.ts'
import { readRoboflowMulticlass } from './read.ts'
import { writeRoboflowMulticlass } from './write.ts'

/** Reads and writes tables of a column for each class. */
export const roboflowMulticlassAdapter: FormatAdapter = {
  format: roboflowMulticlassFormat,
  detect: detectRoboflowMulticlass,
  read: readRoboflowMulticlass,
  write: writeRoboflowMulticlass,
}
