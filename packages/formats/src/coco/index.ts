import type { FormatAdapter } from '@dsv/core'
import { cocoFormat } from './format.ts'

/** Reads and writes COCO JSON. */
export const cocoAdapter: FormatAdapter = {
  format: cocoFormat,
  detect: async () => ({ confidence: 0, reason: 'not written yet' }),
  read: async () => {
    throw new Error('not written yet')
  },
  write: async () => {
    throw new Error('not written yet')
  },
}
