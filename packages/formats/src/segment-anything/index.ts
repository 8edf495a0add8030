import type { FormatAdapter } from '@dsv/core'
import { detectSegmentAnything } from './detect.ts'
import { segmentAnythingFormat } from './format.ts'
import { readSegmentAnything } from './read.ts'
import { writeSegmentAnything } from './write.ts'

/** Reads and writes a JSON file with masks for each image. */
export const segmentAnythingAdapter: FormatAdapter = {
  format: segmentAnythingFormat,
  detect: detectSegmentAnything,
  read: readSegmentAnything,
  write: writeSegmentAnything,
}
