import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { isClassTable, readHeader } from './class-table.ts'

/** Tells whether a folder holds tables of classes: `_classes.csv` that begin with `filename`. */
export async function detectRoboflowMulticlass(folder: Folder): Promise<Detection> {
  const path = (await folder.list()).find(isClassTable)
  if (path === undefined) return { confidence: 0, reason: 'no _classes.csv' }
  try {
    await readHeader(folder, path)
    return { confidence: 0.95, reason: `${path} names images and classes` }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    return { confidence: 0.1, reason: error.message }
  }
}
