import type { Detection, Folder } from '@dsv/core'
import { findCvatFiles } from './find-files.ts'

/** Of so many XML files that are none of CVAT's it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds CVAT XML: by the root element of its XML files. */
export async function detectCvat(folder: Folder): Promise<Detection> {
  const [first] = await findCvatFiles(folder, MAX_OTHERS)
  return first === undefined
    ? { confidence: 0, reason: 'no XML file whose root is <annotations>' }
    : { confidence: 0.95, reason: `${first} has the root <annotations> of CVAT` }
}
