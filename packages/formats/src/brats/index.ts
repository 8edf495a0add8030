import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectBrats } from './detect.ts'
import { bratsFormat } from './format.ts'
import { readBrats } from './read.ts'

/** Reads volumes and the classes of their voxels. */
export const bratsAdapter: FormatAdapter = {
  format: bratsFormat,
  detect: detectBrats,
  read: readBrats,
  write: async () => {
    throw formatReadOnly(bratsFormat.name)
  },
}
