import type { Detection, Folder } from '@dsv/core'
import { findLfwSubsets } from './find-subsets.ts'

const HEAD_BYTES = 4096
const PAIR = /^[^\t]+(?:\t[^\t]+){2,3}$/u
const NAME = /^[^\t{}<>"]+$/u

/** Tells whether there is a list of pairs, by its name, its folder and its first lines. */
export async function detectLfw(folder: Folder): Promise<Detection> {
  for (const { pairs, people } of await findLfwSubsets(folder)) {
    if (pairs === undefined) continue
    const file = await folder.open(pairs)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
      const lines = head.split(/\r?\n/u)
      if (file.sizeBytes > HEAD_BYTES) lines.pop()
      const known = lines.filter((line) => line !== '')
      if (known.some((line) => PAIR.test(line))) {
        return { confidence: 0.9, reason: `${pairs} lists pairs of images` }
      }
      const isList = people !== undefined && known.every((line) => NAME.test(line))
      if (isList) return { confidence: 0.8, reason: `${pairs} and ${people} exist` }
    } finally {
      await file.close()
    }
  }
  return { confidence: 0, reason: 'no annotations/pairs.txt' }
}
