import type { Detection, Folder } from '@dsv/core'
import { findFiftyoneFiles } from './find-files.ts'

/** Tells whether a folder holds what FiftyOne exports, by its `samples.json` or `labels.json`. */
export async function detectFiftyone(folder: Folder): Promise<Detection> {
  const { samples, labels } = await findFiftyoneFiles(folder)
  const [first] = samples
  if (first !== undefined) return { confidence: 0.95, reason: `${first} lists samples` }
  const [other] = labels
  return other === undefined
    ? { confidence: 0, reason: 'no samples.json, and no labels.json with classes and labels' }
    : { confidence: 0.9, reason: `${other} has classes, and labels by image` }
}
