import type { FormatAdapter } from '@dsv/core'
import { detectOpenImages } from './detect.ts'
import { openImagesFormat } from './format.ts'
import { readOpenImages } from './read.ts'
import { writeOpenImages } from './write.ts'

/** Reads and writes the CSV files of Open Images. */
export const openImagesAdapter: FormatAdapter = {
  format: openImagesFormat,
  detect: detectOpenImages,
  read: readOpenImages,
  write: writeOpenImages,
}
