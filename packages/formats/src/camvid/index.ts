import type { FormatAdapter } from '@dsv/core'
import { detectCamvid } from './detect.ts'
import { camvidFormat } from './format.ts'
import { readCamvid } from './read.ts'
import { writeCamvid } from './write.ts'

/** Reads and writes CamVid. */
export const camvidAdapter: FormatAdapter = {
  format: camvidFormat,
  detect: detectCamvid,
  read: readCamvid,
  write: writeCamvid,
}
