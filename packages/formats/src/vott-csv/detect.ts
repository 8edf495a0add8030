import type { Detection, Folder } from '@dsv/core'
import { findVottCsvFiles } from './find-files.ts'

/** Tells whether a folder holds CSV exports of VoTT, by their names and columns. */
export async function detectVottCsv(folder: Folder): Promise<Detection> {
  const [first] = await findVottCsvFiles(folder, 1)
  return first === undefined
    ? { confidence: 0, reason: 'no <name>-export.csv with the columns image, xmin, …, label' }
    : { confidence: 0.95, reason: `${first} has the name and columns of an export of VoTT` }
}
