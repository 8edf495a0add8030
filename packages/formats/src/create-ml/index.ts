import type { FormatAdapter } from '@dsv/core'
import { detectCreateMl } from './detect.ts'
import { createMlFormat } from './format.ts'
import { readCreateMl } from './read.ts'
import { writeCreateMl } from './write.ts'

/** Reads and writes the JSON of Create ML. */
export const createMlAdapter: FormatAdapter = {
  format: createMlFormat,
  detect: detectCreateMl,
  read: readCreateMl,
  write: writeCreateMl,
}
