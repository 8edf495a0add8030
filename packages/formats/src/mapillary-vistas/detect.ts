import type { Detection, Folder } from '@dsv/core'
import { findVistasFiles } from './find-files.ts'

/** Looks for `v2.0/instances` and the like beside `images`, or without version beside `config.json`. */
export async function detectMapillaryVistas(folder: Folder): Promise<Detection> {
  const files = findVistasFiles(await folder.list())
  if (files === undefined) return { confidence: 0, reason: 'no v1.2 or v2.0 with instances' }
  const { version, items, panoptic, config } = files
  const hasImages = items.some((item) => item.files.has('images'))
  if (version !== '') {
    const confidence = hasImages ? 0.95 : 0.7
    return { confidence, reason: `annotations of ${version} exist` }
  }
  const isPlain = items.some((item) => item.files.has('instances')) || panoptic.length > 0
  return isPlain && hasImages
    ? { confidence: 0.6, reason: `${config} is beside images and instances` }
    : { confidence: 0.1, reason: `${config} exists, but no images and instances` }
}
