import type { FormatAdapter } from '@dsv/core'
import { detect } from './detect.ts'
import { vocFormat } from './format.ts'
import { readChanged } from './read-changed.ts'
import { read } from './read.ts'
import { writeChanged, write } from './write.ts'

/** Reads and writes Pascal VOC. */
export const vocAdapter: FormatAdapter = {
  format: vocFormat,
  detect,
  read,
  readChanged,
  write,
  writeChanged,
}
