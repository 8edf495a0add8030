import type { Detection, Folder } from '@dsv/core'
import { findCreateMlFiles } from './find-files.ts'

/** Of so many JSON files of other formats it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds JSON of Create ML: by the members of its records. */
export async function detectCreateMl(folder: Folder): Promise<Detection> {
  const [first] = await findCreateMlFiles(folder, MAX_OTHERS)
  return first === undefined
    ? { confidence: 0, reason: 'no JSON list of images with annotations' }
    : { confidence: 0.9, reason: `${first} lists images with annotations` }
}
