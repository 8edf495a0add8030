import type { FormatAdapter } from '@dsv/core'
import { detectVia } from './detect.ts'
import { viaFormat } from './format.ts'
import { readVia } from './read.ts'
import { writeVia } from './write.ts'

/** Reads and writes the JSON of VIA. */
export const viaAdapter: FormatAdapter = {
  format: viaFormat,
  detect: detectVia,
  read: readVia,
  write: writeVia,
}
