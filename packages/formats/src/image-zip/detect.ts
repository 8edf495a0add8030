import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { nestedZipFolder } from '../folder/zip-folder.ts'
import { isImagePath } from '../media/media-kind.ts'
import { findZipFiles } from './find-files.ts'

const ANNOTATIONS = /\.(?:xml|json|txt|csv|yaml|yml|tfrecord|parquet)$/iu

/** Tells whether a folder holds zip files and nothing else, by what is in the first one. */
export async function detectImageZip(folder: Folder): Promise<Detection> {
  const [first] = await findZipFiles(folder)
  if (first === undefined) return { confidence: 0, reason: 'no zip file' }
  const other = (await folder.list()).find((path) => ANNOTATIONS.test(path) || isImagePath(path))
  if (other !== undefined) return { confidence: 0.1, reason: `zip files, but also ${other}` }
  const file = await folder.open(first.path)
  try {
    const zip = await nestedZipFolder(file, first.path)
    const paths = await zip.list()
    await zip.close()
    const annotations = paths.find((path) => ANNOTATIONS.test(path))
    if (annotations !== undefined) {
      return { confidence: 0.2, reason: `${first.path} holds ${annotations} too` }
    }
    return paths.some(isImagePath) || paths.length === 0
      ? { confidence: 0.85, reason: `${first.path} holds images` }
      : { confidence: 0.1, reason: `${first.path} holds no image` }
  } catch (error) {
    if (!isDsvError(error)) throw error
    return { confidence: 0.1, reason: error.message }
  } finally {
    await file.close()
  }
}
