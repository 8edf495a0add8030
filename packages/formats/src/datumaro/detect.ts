import type { Detection, Folder } from '@dsv/core'
import { findDatumaroFiles } from './find-files.ts'

/** Of so many JSON files that are none of Datumaro's it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds Datumaro JSON: by the members its files begin with. */
export async function detectDatumaro(folder: Folder): Promise<Detection> {
  const [first] = await findDatumaroFiles(folder, MAX_OTHERS)
  return first === undefined
    ? { confidence: 0, reason: 'no JSON file with categories by type and items' }
    : { confidence: 0.95, reason: `${first.path} has categories by type, as Datumaro writes them` }
}
