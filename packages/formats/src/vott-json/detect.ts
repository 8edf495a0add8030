import type { Detection, Folder } from '@dsv/core'
import { findVottJsonFiles } from './find-files.ts'

/** Of so many JSON files of other formats it is enough. */
const MAX_OTHERS = 5

/** Tells whether a folder holds JSON exports of VoTT, by their members. */
export async function detectVottJson(folder: Folder): Promise<Detection> {
  const [first] = await findVottJsonFiles(folder, MAX_OTHERS)
  return first === undefined
    ? { confidence: 0, reason: 'no JSON file of assets with regions' }
    : { confidence: 0.95, reason: `${first} holds assets and tags, as VoTT exports them` }
}
