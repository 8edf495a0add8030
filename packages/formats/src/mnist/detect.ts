import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { byteStream } from '../shared/byte-stream.ts'
import { findMnistFiles } from './find-files.ts'

/** Tells whether a folder holds IDX files of images or labels, by their names and first bytes. */
export async function detectMnist(folder: Folder): Promise<Detection> {
  try {
    const [first] = await findMnistFiles(folder)
    const path = first?.images ?? first?.labels
    if (path === undefined) return { confidence: 0, reason: 'no file like train-images-idx3-ubyte' }
    const file = await folder.open(path)
    try {
      const stream = await byteStream(file, path)
      const head = await stream.take(4)
      await stream.close()
      const isIdx = head[0] === 0 && head[1] === 0 && head[2] === 8
      return isIdx
        ? { confidence: 0.97, reason: `${path} is an IDX file` }
        : { confidence: 0.2, reason: `${path} does not begin like an IDX file` }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    return { confidence: 0.2, reason: error.message }
  }
}
