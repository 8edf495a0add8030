import type { FormatAdapter } from '@dsv/core'
import { detectVottJson } from './detect.ts'
import { vottJsonFormat } from './format.ts'
import { readVottJson } from './read.ts'
import { writeVottJson } from './write.ts'

/** Reads and writes JSON of VoTT. */
export const vottJsonAdapter: FormatAdapter = {
  format: vottJsonFormat,
  detect: detectVottJson,
  read: readVottJson,
  write: writeVottJson,
}
