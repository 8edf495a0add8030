import type { FormatAdapter } from '@dsv/core'
import { detectHuggingFace } from './detect.ts'
import { huggingFaceFormat } from './format.ts'
import { readHuggingFace } from './read.ts'
import { writeHuggingFace } from './write.ts'

/** Reads and writes datasets as Hugging Face's `datasets` has them. */
export const huggingFaceAdapter: FormatAdapter = {
  format: huggingFaceFormat,
  detect: detectHuggingFace,
  read: readHuggingFace,
  write: writeHuggingFace,
}
