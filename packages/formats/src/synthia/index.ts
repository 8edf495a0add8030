import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectSynthia } from './detect.ts'
import { synthiaFormat } from './format.ts'
import { readSynthia } from './read.ts'

/** Reads SYNTHIA. */
export const synthiaAdapter: FormatAdapter = {
  format: synthiaFormat,
  detect: detectSynthia,
  read: readSynthia,
  write: async () => {
    throw formatReadOnly(synthiaFormat.name)
  },
}
