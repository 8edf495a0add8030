import type { Detection, Folder } from '@dsv/core'
import { planLabelFiles } from '../shared/label-files.ts'
import { idOfLabelFile } from './label-name.ts'
import { parseTextRow } from './text-row.ts'

const HEAD_BYTES = 4096
const FILES = 8

/** Tells whether a folder holds located texts of ICDAR, by the first rows of its `gt_*.txt`. */
export async function detectIcdarTextLocalization(folder: Folder): Promise<Detection> {
  const { items } = planLabelFiles(await folder.list(), idOfLabelFile)
  const labels = items.flatMap(({ label }) => label ?? [])
  for (const path of labels.slice(0, FILES)) {
    const file = await folder.open(path)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
      const [first = ''] = head.replace('\ufeff', '').trimStart().split('\n')
      if (first === '') continue
      const isText = parseTextRow(first) !== undefined
      if (isText) return { confidence: 0.9, reason: `${path} holds corners and texts` }
      return { confidence: 0, reason: `${path} does not hold corners and texts` }
    } finally {
      await file.close()
    }
  }
  const [first] = labels
  if (first === undefined) return { confidence: 0, reason: 'no gt_<image>.txt' }
  return { confidence: 0.5, reason: `${first} exists` }
}
