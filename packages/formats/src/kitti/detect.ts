import type { Detection, Folder } from '@dsv/core'
import { findKittiFiles, type KittiRole } from './find-files.ts'
import { isLabelLine } from './label-line.ts'

const HEAD_BYTES = 1024

/** Looks for lines of objects in `label_2`, or images of masks in `instance` beside `image_2`. */
export async function detectKitti(folder: Folder): Promise<Detection> {
  const { items } = findKittiFiles(await folder.list())
  const first = (role: KittiRole): string | undefined =>
    items.map(({ files }) => files.get(role)).find((path) => path !== undefined)
  const [labels, image] = [first('labels'), first('image')]
  if (labels !== undefined) {
    const line = await firstLine(folder, labels)
    if (line === '') return { confidence: 0.7, reason: `${labels} is empty` }
    return isLabelLine(line)
      ? { confidence: 0.95, reason: `${labels} lists objects` }
      : { confidence: 0.1, reason: `${labels} lists something else than objects` }
  }
  const masks = first('instance') ?? first('semantic')
  if (masks !== undefined) {
    const confidence = image === undefined ? 0.3 : 0.9
    return { confidence, reason: `${masks} exists${image === undefined ? ', but no image_2' : ''}` }
  }
  return image === undefined
    ? { confidence: 0, reason: 'no label_2/*.txt, no instance/*.png, no image_2' }
    : { confidence: 0.6, reason: `${image} exists, but no annotations` }
}

async function firstLine(folder: Folder, path: string): Promise<string> {
  const file = await folder.open(path)
  try {
    const text = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
    return text.trimStart().split('\n')[0] ?? ''
  } finally {
    await file.close()
  }
}
