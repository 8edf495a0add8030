import type { FormatAdapter } from '@dsv/core'
import { detectTfDetectionApi } from './detect.ts'
import { tfDetectionApiFormat } from './format.ts'
import { readTfDetectionApi } from './read.ts'
import { writeTfDetectionApi } from './write.ts'

/** Reads and writes TFRecord files of the TensorFlow Object Detection API. */
export const tfDetectionApiAdapter: FormatAdapter = {
  format: tfDetectionApiFormat,
  detect: detectTfDetectionApi,
  read: readTfDetectionApi,
  write: writeTfDetectionApi,
}
