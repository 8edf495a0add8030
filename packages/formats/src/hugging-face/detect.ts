import { type Detection, type Folder, isDsvError } from '@dsv/core'
import { tableColumns } from '../shared/table-head.ts'
import { findHubFiles, type HubFile } from './find-files.ts'

const HEAD_BYTES = 65_536
const LABEL_COLUMN = /^(?:labels?|text|captions?|objects)$/u

/** Tells whether a folder holds a metadata table that names images, or Parquet files with images. */
export async function detectHuggingFace(folder: Folder): Promise<Detection> {
  const [first] = await findHubFiles(folder)
  if (first === undefined) return { confidence: 0, reason: 'no metadata.jsonl and no .parquet' }
  if (first.kind === 'parquet') return detectParquet(folder, first)
  const isNamed = await namesFiles(folder, first)
  if (isNamed) return { confidence: 0.9, reason: `${first.path} names images (file_name)` }
  return { confidence: 0.1, reason: `${first.path} has no file_name` }
}

async function namesFiles(folder: Folder, { path, kind }: HubFile): Promise<boolean> {
  if (kind === 'csv') return (await tableColumns(folder, path)).includes('file_name')
  const file = await folder.open(path)
  try {
    const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8')
    return /^\s*\{[^\n]*"file_name"\s*:/u.test(head)
  } finally {
    await file.close()
  }
}

async function detectParquet(folder: Folder, { path, isMetadata }: HubFile): Promise<Detection> {
  const { parquetColumns } = await import('./parquet-rows.ts')
  const file = await folder.open(path)
  try {
    const columns = await parquetColumns(file, path)
    if (isMetadata && columns.includes('file_name')) {
      return { confidence: 0.9, reason: `${path} names images (file_name)` }
    }
    if (columns.includes('image')) return { confidence: 0.9, reason: `${path} has images` }
    const label = columns.find((name) => LABEL_COLUMN.test(name))
    if (label !== undefined)
      return { confidence: 0.4, reason: `${path} has ${label}, but no image` }
    return { confidence: 0.2, reason: `${path} has no column image` }
  } catch (error) {
    if (!isDsvError(error, 'DSV_FORMAT_SYNTAX')) throw error
    return { confidence: 0.1, reason: `${path} is no Parquet that can be read` }
  } finally {
    await file.close()
  }
}
