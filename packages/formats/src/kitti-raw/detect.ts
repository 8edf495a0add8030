import type { Detection, Folder } from '@dsv/core'
import { findDrives } from './find-files.ts'

const HEAD_BYTES = 1024

/** Looks for `tracklet_labels.xml`, or `velodyne_points/data` beside images of cameras. */
export async function detectKittiRaw(folder: Folder): Promise<Detection> {
  const drives = findDrives(await folder.list())
  for (const { tracklets } of drives) {
    if (tracklets === undefined) continue
    const file = await folder.open(tracklets)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      return head.includes('<tracklets')
        ? { confidence: 0.95, reason: `${tracklets} describes tracks` }
        : { confidence: 0.1, reason: `${tracklets} holds no <tracklets>` }
    } finally {
      await file.close()
    }
  }
  const [first] = drives.flatMap(({ clouds }) => [...clouds.values()])
  return first === undefined
    ? { confidence: 0, reason: 'no tracklet_labels.xml, no velodyne_points/data' }
    : { confidence: 0.6, reason: `${first} exists` }
}
