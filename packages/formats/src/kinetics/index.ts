import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectKinetics } from './detect.ts'
import { kineticsFormat } from './format.ts'
import { readKinetics } from './read.ts'

/** Reads lists of clips of videos. */
export const kineticsAdapter: FormatAdapter = {
  format: kineticsFormat,
  detect: detectKinetics,
  read: readKinetics,
  write: async () => {
    throw formatReadOnly(kineticsFormat.name)
  },
}
