import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectMars } from './detect.ts'
import { marsFormat } from './format.ts'
import { readMars } from './read.ts'

/** Reads tracks of people whose names say who, where and when. */
export const marsAdapter: FormatAdapter = {
  format: marsFormat,
  detect: detectMars,
  read: readMars,
  write: async () => {
    throw formatReadOnly(marsFormat.name)
  },
}
