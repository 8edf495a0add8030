import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectAde20k } from './detect.ts'
import { ade20kFormat } from './format.ts'
import { readAde20k } from './read.ts'

/** Reads ADE20K. */
export const ade20kAdapter: FormatAdapter = {
  format: ade20kFormat,
  detect: detectAde20k,
  read: readAde20k,
  write: async () => {
    throw formatReadOnly(ade20kFormat.name)
  },
}
