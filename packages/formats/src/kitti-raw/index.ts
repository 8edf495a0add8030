import type { FormatAdapter } from '@dsv/core'
import { detectKittiRaw } from './detect.ts'
import { kittiRawFormat } from './format.ts'
import { readKittiRaw } from './read.ts'
import { writeKittiRaw } from './write.ts'

/** Reads and writes raw data of KITTI. */
export const kittiRawAdapter: FormatAdapter = {
  format: kittiRawFormat,
  detect: detectKittiRaw,
  read: readKittiRaw,
  write: writeKittiRaw,
}
