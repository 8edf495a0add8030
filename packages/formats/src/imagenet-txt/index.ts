import type { FormatAdapter } from '@dsv/core'
import { detectImagenetTxt } from './detect.ts'
import { imagenetTxtFormat } from './format.ts'
import { readImagenetTxt } from './read.ts'
import { writeImagenetTxt } from './write.ts'

/** Reads and writes lists of images and class numbers. */
export const imagenetTxtAdapter: FormatAdapter = {
  format: imagenetTxtFormat,
  detect: detectImagenetTxt,
  read: readImagenetTxt,
  write: writeImagenetTxt,
}
