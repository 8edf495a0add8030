import type { FormatAdapter } from '@dsv/core'
import { detectWebdataset } from './detect.ts'
import { webdatasetFormat } from './format.ts'
import { readWebdataset } from './read.ts'
import { writeWebdataset } from './write.ts'

/** Reads and writes shards of WebDataset. */
export const webdatasetAdapter: FormatAdapter = {
  format: webdatasetFormat,
  detect: detectWebdataset,
  read: readWebdataset,
  write: writeWebdataset,
}
