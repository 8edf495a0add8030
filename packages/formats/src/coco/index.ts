import type { FormatAdapter } from '@dsv/core'
import { detectCoco } from './detect.ts'
import { cocoFormat } from './format.ts'
import { readCoco } from './read.ts'
import { writeCoco } from './write.ts'

/** Reads and writes COCO JSON. */
export const cocoAdapter: FormatAdapter = {
  format: cocoFormat,
  detect: detectCoco,
  read: readCoco,
  write: writeCoco,
}
