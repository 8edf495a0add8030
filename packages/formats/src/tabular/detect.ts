import type { Detection, Folder } from '@dsv/core'
import { isImagePath, isVideoPath } from '../media/media-kind.ts'
import { tableColumns } from '../shared/table-head.ts'
import { findTabularFiles } from './find-files.ts'
import { outputColumns } from './output-columns.ts'

/** Names of columns that say what an image shows: such tables are of another format. */
const IMAGE_COLUMN = /^(?:image|img|file|path|filename)s?(?:$|[\s_-]*(?:name|path|id|file))/iu

/** Tells whether a folder holds nothing but tables that are not about images. */
export async function detectTabular(folder: Folder, map?: string): Promise<Detection> {
  const outputs = map === undefined ? undefined : outputColumns(map)
  const [first] = await findTabularFiles(folder)
  if (first === undefined) return { confidence: 0, reason: 'no CSV file' }
  const columns = await tableColumns(folder, first.path)
  if (outputs !== undefined) {
    const hasAll = outputs.every((name) => columns.includes(name))
    if (hasAll) return { confidence: 0.9, reason: `${first.path} has these columns` }
    return { confidence: 0, reason: `${first.path} has no such columns` }
  }
  const hasMedia = (await folder.list()).some((path) => isImagePath(path) || isVideoPath(path))
  if (hasMedia) return { confidence: 0.1, reason: `${first.path} stands beside images` }
  const isNamed = columns.every((name) => name !== '' && !Number.isFinite(Number(name)))
  if (!isNamed || columns.length === 0) {
    return { confidence: 0.1, reason: `${first.path} does not name its columns` }
  }
  const image = columns.find((name) => IMAGE_COLUMN.test(name))
  if (image !== undefined) {
    return { confidence: 0.2, reason: `${first.path} seems to be about images: ${image}` }
  }
  return { confidence: 0.5, reason: `${first.path} is a table, and there is no image` }
}
