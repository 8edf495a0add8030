import type { Detection, Folder } from '@dsv/core'
import { findVggface2Files } from './find-files.ts'

const HEAD_BYTES = 64

/** Tells whether there are tables of boxes or landmarks, by their names and first column. */
export async function detectVggface2(folder: Folder): Promise<Detection> {
  const { tables } = await findVggface2Files(folder)
  for (const { path } of tables) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      if (/^(?:\xef\xbb\xbf)?"?NAME_ID"?,/u.test(head)) {
        return { confidence: 0.95, reason: `${path} is a table of VGGFace2` }
      }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0, reason: 'no bb_landmark/loose_bb_<subset>.csv' }
}
