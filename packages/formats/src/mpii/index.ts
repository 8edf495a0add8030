import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectMpii } from './detect.ts'
import { mpiiFormat } from './format.ts'
import { readMpii } from './read.ts'

/** Reads people and their joints. */
export const mpiiAdapter: FormatAdapter = {
  format: mpiiFormat,
  detect: detectMpii,
  read: readMpii,
  write: async () => {
    throw formatReadOnly(mpiiFormat.name)
  },
}
