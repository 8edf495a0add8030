import type { Detection, Folder } from '@dsv/core'
import { findMnistCsvFiles } from './find-files.ts'

const FIRST_BYTES = 64

/** Tells whether a folder holds CSV files of labels and pixels, by their names and first bytes. */
export async function detectMnistCsv(folder: Folder): Promise<Detection> {
  const [first] = await findMnistCsvFiles(folder)
  if (first === undefined) return { confidence: 0, reason: 'no file like mnist_train.csv' }
  const file = await folder.open(first.path)
  try {
    const head = Buffer.from(await file.read(0, FIRST_BYTES)).toString('latin1')
    const isRow = /^(?:-?\d+(?:[,\r\n]|$)|label,)/u.test(head) || head === ''
    return isRow
      ? { confidence: 0.95, reason: `${first.path} has rows of numbers` }
      : { confidence: 0.2, reason: `${first.path} does not begin with a row of numbers` }
  } finally {
    await file.close()
  }
}
