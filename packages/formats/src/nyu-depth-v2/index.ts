import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectNyuDepthV2 } from './detect.ts'
import { nyuDepthV2Format } from './format.ts'
import { readNyuDepthV2 } from './read.ts'

/** Reads HDF5 files with images and depths. */
export const nyuDepthV2Adapter: FormatAdapter = {
  format: nyuDepthV2Format,
  detect: detectNyuDepthV2,
  read: readNyuDepthV2,
  write: async () => {
    throw formatReadOnly(nyuDepthV2Format.name)
  },
}
