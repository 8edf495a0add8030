import type { Detection, Folder } from '@dsv/core'
import { findDotaFolders, planItems } from './find-files.ts'
import { parseLabelFile } from './label-file.ts'

const HEAD_BYTES = 4096
const FILES = 8

/** Tells whether a folder holds DOTA, by a folder `labelTxt` and the rows of its first files. */
export async function detectDota(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const [first] = findDotaFolders(paths)
  if (first === undefined) return { confidence: 0, reason: 'no folder labelTxt' }
  const place = `${first.root}${first.labels}`
  const labels = planItems(paths, [first]).flatMap(({ label }) => label ?? [])
  for (const path of labels.slice(0, FILES)) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      const lines = head.slice(0, file.sizeBytes > HEAD_BYTES ? head.lastIndexOf('\n') : undefined)
      const { rows } = parseLabelFile(lines)
      if (rows.length === 0) continue
      if (rows.some(({ corners }) => corners.length === 8)) {
        return { confidence: 0.97, reason: `${path} holds corners of objects` }
      }
      return { confidence: 0.1, reason: `${path} holds no corners of objects` }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0.6, reason: `there is a folder ${place}` }
}
