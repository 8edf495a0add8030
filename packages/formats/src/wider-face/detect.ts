import type { Detection, Folder } from '@dsv/core'
import { findWiderFaceFiles } from './find-files.ts'

/** Tells whether a folder holds WIDER FACE, by the names of its lists. */
export async function detectWiderFace(folder: Folder): Promise<Detection> {
  const { lists } = findWiderFaceFiles(await folder.list())
  const [first] = lists
  if (first === undefined) return { confidence: 0, reason: 'no wider_face_<subset>_bbx_gt.txt' }
  return { confidence: 0.95, reason: `${first.path} exists` }
}
