import type { Detection, Folder } from '@dsv/core'
import { marsImageOf } from './image-place.ts'

/** Tells whether there are images called as in MARS, in folders called so. */
export async function detectMars(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const found = paths.find((path) => marsImageOf(path)?.attributes !== undefined)
  if (found !== undefined) return { confidence: 0.95, reason: `${found} is called as in MARS` }
  return { confidence: 0, reason: 'no bbox_<subset>/0001/0001C1T0001F001.jpg' }
}
