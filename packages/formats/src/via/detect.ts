import type { Detection, Folder } from '@dsv/core'
import { findViaFiles } from './find-files.ts'

/** Of so many JSON files of other formats it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds JSON of VIA: by the members of its files. */
export async function detectVia(folder: Folder): Promise<Detection> {
  const [first] = await findViaFiles(folder, MAX_OTHERS)
  return first === undefined
    ? { confidence: 0, reason: 'no JSON file of images with regions' }
    : { confidence: 0.9, reason: `${first} holds images with regions` }
}
