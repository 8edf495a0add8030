import type { FormatAdapter } from '@dsv/core'
import { detectImageZip } from './detect.ts'
import { imageZipFormat } from './format.ts'
import { readImageZip } from './read.ts'
import { writeImageZip } from './write.ts'

/** Reads and writes zip files of images. */
export const imageZipAdapter: FormatAdapter = {
  format: imageZipFormat,
  detect: detectImageZip,
  read: readImageZip,
  write: writeImageZip,
}
