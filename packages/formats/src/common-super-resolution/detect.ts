import type { Detection, Folder } from '@dsv/core'
import { findImagePairs } from './pairs.ts'

/** Looks for images in `LR` and `HR`. */
export async function detectCommonSuperResolution(folder: Folder): Promise<Detection> {
  const pairs = findImagePairs(await folder.list())
  const full = pairs.find(({ images }) => images.has('primary') && images.has('high-resolution'))
  if (full !== undefined) {
    return { confidence: 0.9, reason: `${full.id} is in LR and in HR` }
  }
  const [first] = pairs
  return first === undefined
    ? { confidence: 0, reason: 'no images in LR and HR' }
    : { confidence: 0.5, reason: `${[...first.images.values()].join()} exists, but no pair` }
}
