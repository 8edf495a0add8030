import type { FormatAdapter } from '@dsv/core'
import { detectVggface2 } from './detect.ts'
import { vggface2Format } from './format.ts'
import { readVggface2 } from './read.ts'
import { writeVggface2 } from './write.ts'

/** Reads and writes the tables of VGGFace2. */
export const vggface2Adapter: FormatAdapter = {
  format: vggface2Format,
  detect: detectVggface2,
  read: readVggface2,
  write: writeVggface2,
}
