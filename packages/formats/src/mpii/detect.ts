import type { Detection, Folder } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'

const HEAD_BYTES = 4096
const FILES_TO_TRY = 50

/** Tells whether there is a file of MPII, by its name and by how it begins. */
export async function detectMpii(folder: Folder): Promise<Detection> {
  const path = await findMpiiFile(folder)
  if (path !== undefined) return { confidence: 0.95, reason: `${path} says joints of people` }
  return { confidence: 0, reason: 'neither mpii_human_pose_v1_u12_1.mat nor mpii_annotations.json' }
}

/** Returns the file of the annotations: a MATLAB file or JSON. */
export async function findMpiiFile(folder: Folder): Promise<string | undefined> {
  const files = (await folder.list()).filter((path) => {
    return extensionOf(path) === 'mat' || extensionOf(path) === 'json'
  })
  for (const path of files.slice(0, FILES_TO_TRY)) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      const isNamed = /mpii/iu.test(path.slice(path.lastIndexOf('/') + 1))
      const isMat = head.startsWith('MATLAB 5.0') && (isNamed || /RELEASE.*annolist/su.test(head))
      const isJson = /^\s*\[/u.test(head) && head.includes('"joint_self"')
      if (isMat || isJson) return path
    } finally {
      await file.close()
    }
  }
  return undefined
}
