import type { Detection, Folder } from '@dsv/core'
import { findWordLists } from './find-files.ts'
import { parseWordLine } from './word-line.ts'

const HEAD_BYTES = 4096

/** Tells whether a folder holds words of ICDAR, by the first line of its `gt.txt`. */
export async function detectIcdarWordRecognition(folder: Folder): Promise<Detection> {
  const [list] = findWordLists(await folder.list())
  if (list === undefined) return { confidence: 0, reason: 'no gt.txt' }
  const file = await folder.open(list.path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
    const [first = ''] = head.replace('\ufeff', '').trimStart().split('\n')
    if (first === '') return { confidence: 0.5, reason: `${list.path} exists` }
    const isWord = parseWordLine(first) !== undefined
    if (isWord) return { confidence: 0.9, reason: `${list.path} names images and their words` }
    return { confidence: 0, reason: `${list.path} does not name images and their words` }
  } finally {
    await file.close()
  }
}
