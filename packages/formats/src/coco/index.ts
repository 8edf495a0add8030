import type { FormatAdapter } from '@dsv/core'
import { detectCoco } from './detect.ts'
import { cocoFormat } from './format.ts'
import { readChangedCoco } from './read-changed.ts'
import { readCoco } from './read.ts'
import { writeChangedCoco } from './write-changed.ts'
import { writeCoco } from './write.ts'

/** Reads and writes COCO JSON. */
export const cocoAdapter: FormatAdapter = {
  format: cocoFormat,
  detect: detectCoco,
  read: readCoco,
  readChanged: readChangedCoco,
  write: writeCoco,
  writeChanged: writeChangedCoco,
}
