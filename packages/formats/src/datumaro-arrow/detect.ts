import type { Detection, Folder } from '@dsv/core'
import { findArrowFiles, SIGNATURE } from './find-files.ts'

/** Metadata stand in the footer, at the end, and mostly at the beginning too. */
const LOOKED_AT_BYTES = 2 ** 20

/** Tells whether a folder holds Arrow files of Datumaro, by the signature in the first. */
export async function detectDatumaroArrow(folder: Folder): Promise<Detection> {
  const [path] = await findArrowFiles(folder)
  if (path === undefined) return { confidence: 0, reason: 'no .arrow file' }
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, 6))
    if (!head.equals(Buffer.from('ARROW1'))) {
      return { confidence: 0.1, reason: `${path} is no Arrow file` }
    }
    const start = Math.max(0, file.sizeBytes - LOOKED_AT_BYTES)
    return Buffer.from(await file.read(start, LOOKED_AT_BYTES)).includes(SIGNATURE)
      ? { confidence: 0.97, reason: `${path} has the signature of Datumaro` }
      : { confidence: 0.1, reason: `${path} is an Arrow file without the signature of Datumaro` }
  } finally {
    await file.close()
  }
}
