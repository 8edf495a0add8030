import type { Detection, Folder } from '@dsv/core'

const HEAD_BYTES = 512
const ROW = /^(?:\ufeff)?\s*\d+(?:\.0+)?\s*,\s*-?\d+(?:\.0+)?(?:\s*,\s*[-+\d.eE]+){4,}/u

/** Tells whether a folder holds sequences of the MOTChallenge, by `gt/gt.txt` and its first row. */
export async function detectMot(folder: Folder): Promise<Detection> {
  const paths = await folder.list()
  const truth = paths.find((path) => /(?:^|\/)gt\/gt\.txt$/u.test(path))
  const info = paths.find((path) => /(?:^|\/)seqinfo\.ini$/u.test(path))
  if (truth !== undefined) {
    const file = await folder.open(truth)
    try {
      const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
      if (ROW.test(head)) return { confidence: 0.95, reason: `${truth} holds rows of boxes` }
      if (head.trim() === '') return { confidence: 0.6, reason: `${truth} exists` }
    } finally {
      await file.close()
    }
  }
  if (info !== undefined) return { confidence: 0.6, reason: `${info} exists` }
  return { confidence: 0, reason: 'no gt/gt.txt with rows of boxes' }
}
