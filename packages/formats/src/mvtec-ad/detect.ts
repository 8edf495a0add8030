import type { Detection, Folder } from '@dsv/core'
import { findMvtecImages, MASKS } from './find-images.ts'

/** Tells whether there are masks in `ground_truth/` of images in folders of the same names. */
export async function detectMvtecAd(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  if (!paths.some((path) => path.startsWith(`${MASKS}/`) || path.includes(`/${MASKS}/`))) {
    return { confidence: 0, reason: `no folder ${MASKS}` }
  }
  const found = findMvtecImages(paths).images.find(({ mask }) => mask !== undefined)
  if (found !== undefined)
    return { confidence: 0.9, reason: `${found.mask ?? ''} is a mask of ${found.path}` }
  return { confidence: 0, reason: `no image has a mask in ${MASKS}` }
}
