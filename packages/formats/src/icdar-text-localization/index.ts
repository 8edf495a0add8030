import type { FormatAdapter } from '@dsv/core'
import { detectIcdarTextLocalization } from './detect.ts'
import { icdarTextLocalizationFormat } from './format.ts'
import { readIcdarTextLocalization } from './read.ts'
import { writeIcdarTextLocalization } from './write.ts'

/** Reads and writes the located texts of ICDAR. */
export const icdarTextLocalizationAdapter: FormatAdapter = {
  format: icdarTextLocalizationFormat,
  detect: detectIcdarTextLocalization,
  read: readIcdarTextLocalization,
  write: writeIcdarTextLocalization,
}
