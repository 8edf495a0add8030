import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { findImagenetTxtFiles } from './find-files.ts'

/** Tells whether a folder holds `synsets.txt` and lists of images beside it. */
export async function detectImagenetTxt(folder: Folder): Promise<Detection> {
  try {
    const files = await findImagenetTxtFiles(folder)
    if (files === undefined)
      return { confidence: 0, reason: 'no synsets.txt and no list of images' }
    const [first] = files.lists
    if (first === undefined) return { confidence: 0.2, reason: `no list beside ${files.names}` }
    // Lists without names are those of many formats.
    return files.names === undefined
      ? { confidence: 0.4, reason: `${first.path} lists images and numbers` }
      : { confidence: 0.9, reason: `${first.path} lists images, ${files.names} names classes` }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    return { confidence: 0.1, reason: error.message }
  }
}
