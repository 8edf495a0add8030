import type { Detection, Folder } from '@dsv/core'
import { findTaskFiles } from './find-files.ts'

/** Of so many JSON files that are none of Label Studio's it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds tasks of Label Studio: by the members of its JSON files. */
export async function detectLabelStudio(folder: Folder): Promise<Detection> {
  const [first] = await findTaskFiles(folder, MAX_OTHERS)
  return first === undefined
    ? { confidence: 0, reason: 'no JSON file of tasks with data and annotations' }
    : { confidence: 0.9, reason: `${first} holds tasks with data and annotations` }
}
