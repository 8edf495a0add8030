import type { Detection, Folder } from '@dsv/core'
import { extensionOf } from '../media/media-kind.ts'
import { hasDepthImage } from './hdf5-file.ts'

const FILES_TO_TRY = 2
const MAX_BYTES = 64 * 2 ** 20

/** Tells whether the first HDF5 files hold an image and a depth. */
export async function detectNyuDepthV2(folder: Folder): Promise<Detection> {
  const files = (await folder.list()).filter((path) => extensionOf(path) === 'h5')
  for (const path of files.slice(0, FILES_TO_TRY)) {
    const file = await folder.open(path)
    const { sizeBytes } = file
    await file.close()
    if (sizeBytes > MAX_BYTES) continue
    if (hasDepthImage(await folder.read(path))) {
      return { confidence: 0.95, reason: `${path} holds rgb and depth` }
    }
  }
  return { confidence: 0, reason: 'no .h5 file with rgb and depth' }
}
