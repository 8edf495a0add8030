import type { FormatAdapter } from '@dsv/core'
import { detectLfw } from './detect.ts'
import { lfwFormat } from './format.ts'
import { readLfw } from './read.ts'
import { writeLfw } from './write.ts'

/** Reads and writes pairs of images of people. */
export const lfwAdapter: FormatAdapter = {
  format: lfwFormat,
  detect: detectLfw,
  read: readLfw,
  write: writeLfw,
}
