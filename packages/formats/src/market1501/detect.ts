import type { Detection, Folder } from '@dsv/core'
import { withoutExtension } from '../media/media-kind.ts'
import { findMarket1501Files } from './find-images.ts'
import { parsePersonName } from './person-name.ts'

const HEAD_BYTES = 1024

/** Tells whether there are folders called `bounding_box_<subset>` with images of people. */
export async function detectMarket1501(folder: Folder): Promise<Detection> {
  const { images, lists } = await findMarket1501Files(folder)
  const named = images.find(({ path }) => {
    return parsePersonName(withoutExtension(path.slice(path.lastIndexOf('/') + 1))) !== undefined
  })
  if (named !== undefined) {
    return { confidence: 0.95, reason: `${named.path} is called as in Market-1501` }
  }
  for (const { path } of lists) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
      if (/^(?:bounding_box_[^/\n]+|query)\//u.test(head)) {
        return { confidence: 0.8, reason: `${path} lists images of Market-1501` }
      }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0, reason: 'no bounding_box_<subset>/0001_c1s1_000151_01.jpg' }
}
