import type { Detection, Folder } from '@dsv/core'
import { findAdeItems } from './find-files.ts'

const HEAD_BYTES = 512

/** Looks for `_atr.txt`, or a JSON file that begins with `annotation`, beside `_seg.png`. */
export async function detectAde20k(folder: Folder): Promise<Detection> {
  const items = findAdeItems(await folder.list())
  for (const { text, levels } of items) {
    if (text === undefined || levels[0] === undefined) continue
    const file = await folder.open(text)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('latin1')
      const isOwn = text.endsWith('_atr.txt')
        ? /^\s*\d+\s*#\s*\d+\s*#/u.test(head)
        : /^\s*\{\s*"annotation"\s*:\s*\{/u.test(head)
      return isOwn
        ? { confidence: 0.95, reason: `${text} describes the objects of ${levels[0]}` }
        : { confidence: 0.1, reason: `${text} is no description of ADE20K` }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0, reason: 'no image with _seg.png and _atr.txt or .json' }
}
