import { getEntry, type ObjectReader, type TreeRef } from '@dsv/store'
import { decodeFile, encodePath, type FileRecord } from '../record/file-record.ts'

/** Returns the record of a file in a file tree. */
export async function fileIn(
  reader: ObjectReader,
  files: TreeRef,
  path: string,
): Promise<FileRecord | undefined> {
  const entry = await getEntry(reader, files, encodePath(path))
  return entry === undefined ? undefined : decodeFile(entry)
}
