import type { Detection, Folder } from '@dsv/core'
import { findOpenImagesFiles } from './find-files.ts'

const HEAD_BYTES = 256

/** Tells whether a folder holds CSV files of Open Images, by their names and first column. */
export async function detectOpenImages(folder: Folder): Promise<Detection> {
  const { tables, descriptions } = await findOpenImagesFiles(folder)
  for (const { path } of tables) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      if (/^(?:\xef\xbb\xbf)?"?(?:ImageID|MaskPath)"?,/u.test(head)) {
        return { confidence: 0.95, reason: `${path} is a table of Open Images` }
      }
    } finally {
      await file.close()
    }
  }
  const [first] = descriptions
  if (first === undefined) return { confidence: 0, reason: 'no <subset>-annotations-bbox.csv' }
  return { confidence: 0.6, reason: `${first} exists` }
}
