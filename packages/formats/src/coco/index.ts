import type { FormatAdapter } from '@dsv/core'
import { detectCoco } from './detect.ts'
import { cocoFormat } from './format.ts'
import { readCoco } from './read.ts'

/** Reads and writes COCO JSON. */
export const cocoAdapter: FormatAdapter = {
  format: cocoFormat,
  detect: detectCoco,
  read: readCoco,
  write: async () => {
    throw new Error('not written yet')
  },
}
