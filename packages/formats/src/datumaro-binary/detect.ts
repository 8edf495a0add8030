import type { Detection, Folder } from '@dsv/core'
import { findDatumFiles, SIGNATURE } from './find-files.ts'

/** Tells whether a folder holds binary files of Datumaro, by the signature of the first. */
export async function detectDatumaroBinary(folder: Folder): Promise<Detection> {
  const [first] = await findDatumFiles(folder)
  if (first === undefined) return { confidence: 0, reason: 'no .datum file' }
  const file = await folder.open(first.path)
  try {
    const head = Buffer.from(await file.read(0, SIGNATURE.length)).toString('latin1')
    return head === SIGNATURE
      ? { confidence: 0.97, reason: `${first.path} has the signature of Datumaro` }
      : { confidence: 0.1, reason: `${first.path} has no signature of Datumaro` }
  } finally {
    await file.close()
  }
}
