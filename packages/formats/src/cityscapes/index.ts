import type { FormatAdapter } from '@dsv/core'
import { detectCityscapes } from './detect.ts'
import { cityscapesFormat } from './format.ts'
import { readCityscapes } from './read.ts'
import { writeCityscapes } from './write.ts'

/** Reads and writes Cityscapes. */
export const cityscapesAdapter: FormatAdapter = {
  format: cityscapesFormat,
  detect: detectCityscapes,
  read: readCityscapes,
  write: writeCityscapes,
}
