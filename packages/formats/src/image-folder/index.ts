import type { FormatAdapter } from '@dsv/core'
import { detectImageFolder } from './detect.ts'
import { imageFolderFormat } from './format.ts'
import { readChangedImageFolder, readImageFolder } from './read.ts'
import { writeChangedImageFolder, writeImageFolder } from './write.ts'

/** Reads and writes folders of images. */
export const imageFolderAdapter: FormatAdapter = {
  format: imageFolderFormat,
  detect: detectImageFolder,
  read: readImageFolder,
  readChanged: readChangedImageFolder,
  write: writeImageFolder,
  writeChanged: writeChangedImageFolder,
}
