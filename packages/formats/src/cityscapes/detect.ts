import type { Detection, Folder } from '@dsv/core'
import { findCityscapesFiles } from './find-files.ts'

/** Looks for `gtFine/…_gtFine_labelIds.png` and the like, or `leftImg8bit/…_leftImg8bit.png`. */
export async function detectCityscapes(folder: Folder): Promise<Detection> {
  const { items } = findCityscapesFiles(await folder.list())
  for (const { files } of items) {
    const [first] = files.values()
    if (first !== undefined) return { confidence: 0.95, reason: `${first} exists` }
  }
  const [image] = items.flatMap(({ image: path }) => path ?? [])
  return image === undefined
    ? { confidence: 0, reason: 'no gtFine/<subset>/…_gtFine_*.png, no leftImg8bit/<subset>/…' }
    : { confidence: image.includes('_leftImg8bit.') ? 0.8 : 0.4, reason: `${image} exists` }
}
