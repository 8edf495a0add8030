import type { Detection, Folder } from '@dsv/core'
import { planLabelFiles } from '../shared/label-files.ts'
import { bitmapOf, idOfLetters } from './letter-files.ts'
import { parseLetters } from './letters.ts'

const HEAD_BYTES = 4096

/** Tells whether a folder holds segmented texts of ICDAR, by `_GT.txt` beside `_GT.bmp`. */
export async function detectIcdarTextSegmentation(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const known = new Set(paths)
  const { items } = planLabelFiles(paths, idOfLetters)
  const labels = items.flatMap(({ label }) => label ?? [])
  const path = labels.find((each) => known.has(bitmapOf(each)))
  if (path === undefined) {
    const [first] = labels
    if (first === undefined) return { confidence: 0, reason: 'no <image>_GT.txt' }
    return { confidence: 0.5, reason: `${first} exists, but no BMP of it` }
  }
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
    const [first = ''] = head.replace('\ufeff', '').trimStart().split('\n')
    const isLetter = first === '' || parseLetters(first)[0]?.problem === undefined
    if (!isLetter) return { confidence: 0.1, reason: `${path} does not hold letters` }
    return { confidence: 0.95, reason: `${path} has its BMP beside it` }
  } finally {
    await file.close()
  }
}
