import type { Detection, Folder } from '@dsv/core'
import { findSuperviselyFiles } from './find-files.ts'

const HEAD_BYTES = 64 * 1024

/** Tells whether a folder is a project of images or point clouds: `meta.json` with classes, and folders `ann`. */
export async function detectSupervisely(folder: Folder): Promise<Detection> {
  const { meta, roots } = findSuperviselyFiles(await folder.list())
  const [first] = roots
  if (meta === undefined) return { confidence: 0, reason: 'no meta.json' }
  if (first === undefined) return { confidence: 0, reason: `no ann/*.json beside ${meta}` }
  const file = await folder.open(meta)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
    const type = /"projectType"\s*:\s*"([a-z_]+)"/u.exec(head)?.[1] ?? 'images'
    const isRead = type === 'images' || type === 'point_clouds'
    if (!isRead) return { confidence: 0.2, reason: `${meta} is a project of ${type}` }
    if (!/"classes"\s*:/u.test(head)) return { confidence: 0.2, reason: `${meta} has no classes` }
    return { confidence: 0.95, reason: `${meta} has classes, and ${first.root}ann/ is there` }
  } finally {
    await file.close()
  }
}
