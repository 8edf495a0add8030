import type { Detection, Folder } from '@dsv/core'
import { findAvaFiles } from './find-files.ts'

const HEAD_BYTES = 1024

/** Tells whether there are tables called as in AVA, by their names and first row. */
export async function detectAva(folder: Folder): Promise<Detection> {
  const { tables } = await findAvaFiles(folder)
  for (const { path } of tables) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
      const commas = (head.split('\n')[0] ?? '').split(',').length - 1
      if (commas === 7 || commas === 1) {
        return { confidence: 0.95, reason: `${path} is a table of AVA` }
      }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0, reason: 'no ava_<subset>_v2.2.csv' }
}
