import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { findTfFiles } from './find-files.ts'
import { decodeExample } from './tf-example.ts'
import { readTfRecord, tfRecords } from './tf-record.ts'

/** Larger records are believed by their checksum alone. */
const MAX_RECORD_BYTES = 64 * 2 ** 20

/** Tells whether a folder holds TFRecord files of images, by the first record of the first file. */
export async function detectTfDetectionApi(folder: Folder): Promise<Detection> {
  const [first] = await findTfFiles(folder)
  if (first === undefined) return { confidence: 0, reason: 'no .tfrecord or .record file' }
  const { path } = first
  const file = await folder.open(path)
  try {
    for await (const record of tfRecords(file, path)) {
      if (record.sizeBytes > MAX_RECORD_BYTES) break
      const example = decodeExample(await readTfRecord(file, path, record), {
        file: path,
        record: 0,
      })
      const isImage = [...example.keys()].some((name) => name.startsWith('image/'))
      return isImage
        ? { confidence: 0.95, reason: `${path} has examples with image/ features` }
        : { confidence: 0.1, reason: `${path} has examples, but none of images` }
    }
    return { confidence: 0.6, reason: `${path} is a TFRecord file` }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    return { confidence: 0.1, reason: `${path} is no TFRecord file of examples` }
  } finally {
    await file.close()
  }
}
