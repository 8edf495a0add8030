import type { FormatAdapter } from '@dsv/core'
import { detectCommonSuperResolution } from './detect.ts'
import { commonSuperResolutionFormat } from './format.ts'
import { readCommonSuperResolution } from './read.ts'
import { writeCommonSuperResolution } from './write.ts'

/** Reads and writes Common Super Resolution. */
export const commonSuperResolutionAdapter: FormatAdapter = {
  format: commonSuperResolutionFormat,
  detect: detectCommonSuperResolution,
  read: readCommonSuperResolution,
  write: writeCommonSuperResolution,
}
