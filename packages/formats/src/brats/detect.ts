import type { Detection, Folder } from '@dsv/core'
import { findBratsFiles } from './find-volumes.ts'

/** Tells whether there are NIfTI volumes in folders called as in BraTS. */
export async function detectBrats(folder: Folder): Promise<Detection> {
  const { volumes } = await findBratsFiles(folder)
  const image = volumes.find((volume) => volume.image !== undefined)?.image
  if (image !== undefined) return { confidence: 0.9, reason: `${image} is a volume` }
  return { confidence: 0, reason: 'no imagesTr/<name>.nii.gz' }
}
