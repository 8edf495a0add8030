import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectBratsNumpy } from './detect.ts'
import { bratsNumpyFormat } from './format.ts'
import { readBratsNumpy } from './read.ts'

/** Reads volumes as NumPy files, with the classes of their voxels. */
export const bratsNumpyAdapter: FormatAdapter = {
  format: bratsNumpyFormat,
  detect: detectBratsNumpy,
  read: readBratsNumpy,
  write: async () => {
    throw formatReadOnly(bratsNumpyFormat.name)
  },
}
