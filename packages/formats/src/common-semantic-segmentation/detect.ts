import type { Detection, Folder } from '@dsv/core'
import { DATASET_META } from '../shared/dataset-meta.ts'
import { findPairs, findParts } from './parts.ts'

/** Looks for `dataset_meta.json` beside `images/` and `masks/`. */
export async function detectCommonSemanticSegmentation(folder: Folder): Promise<Detection> {
  const [part] = await findParts(folder)
  if (part === undefined) return { confidence: 0, reason: `no ${DATASET_META}` }
  const meta = part.root + DATASET_META
  const { pairs } = await findPairs(folder, part)
  if (pairs.some(({ mask }) => mask !== undefined)) {
    return { confidence: 0.85, reason: `${meta} is beside images and masks` }
  }
  return pairs.length > 0
    ? { confidence: 0.6, reason: `${meta} is beside images` }
    : { confidence: 0.1, reason: `${meta} exists, but no folder of images beside it` }
}
