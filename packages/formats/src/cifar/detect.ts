import type { Detection, Folder } from '@dsv/core'
import { findCifarFiles } from './find-files.ts'

/** Tells whether a folder holds the pickles of CIFAR, by their names and first bytes. */
export async function detectCifar(folder: Folder): Promise<Detection> {
  const files = await findCifarFiles(folder)
  if (files === undefined) return { confidence: 0, reason: 'no pickle batches.meta or meta' }
  const { meta, root, batches } = files
  if (meta === undefined) return { confidence: 0.9, reason: `${root}${batches[0]} is a pickle` }
  return { confidence: 0.95, reason: `${meta} is a pickle, with ${batches.length} beside it` }
}
