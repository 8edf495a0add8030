import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { detectVideo } from './detect.ts'
import { videoFormat } from './format.ts'
import { readVideo } from './read.ts'

/** Reads the frames of videos. */
export const videoAdapter: FormatAdapter = {
  format: videoFormat,
  detect: detectVideo,
  read: readVideo,
  write: async () => {
    throw formatReadOnly(videoFormat.name)
  },
}
