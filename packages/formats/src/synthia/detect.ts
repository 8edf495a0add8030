import type { Detection, Folder } from '@dsv/core'
import { findSynthiaFiles } from './find-files.ts'

/** Looks for folders like `RGB` and `GT`, or `RGBLeft` and `GTLeft`. */
export async function detectSynthia(folder: Folder): Promise<Detection> {
  const files = findSynthiaFiles(await folder.list())
  if (files === undefined) return { confidence: 0, reason: 'no RGB beside GT, GTTXT or SemSeg' }
  const pair = files.items.find(({ image, segmentation }) => {
    return image !== undefined && segmentation !== undefined
  })
  return pair === undefined
    ? { confidence: 0.3, reason: `${files.release.images} exists, but no image has labels` }
    : { confidence: 0.9, reason: `${pair.segmentation} belongs to ${pair.image}` }
}
