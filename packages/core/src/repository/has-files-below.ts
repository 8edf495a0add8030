import { type ObjectReader, scanBatches, type TreeRef } from '@dsv/store'
import { pathRange } from '../working-tree/path-range.ts'

/** Returns whether a file tree has anything below a folder. */
export async function hasFilesBelow(
  reader: ObjectReader,
  files: TreeRef,
  folder: string,
): Promise<boolean> {
  for await (const entries of scanBatches(reader, files, pathRange(folder)))
    if (entries.length > 0) return true
  return false
}
