import type { Folder } from '@dsv/core'
import { tableColumns } from '../shared/table-head.ts'

/** The columns of an export. */
export const COLUMNS = ['image', 'xmin', 'ymin', 'xmax', 'ymax', 'label'] as const

/** Finds exports by their names and columns. */
export async function findVottCsvFiles(
  folder: Folder,
  limit: number = Infinity,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of await folder.list()) {
    if (!/-export\.csv$/iu.test(path) || found.length >= limit) continue
    const columns = await tableColumns(folder, path)
    if (COLUMNS.every((name) => columns.includes(name))) found.push(path)
  }
  return found
}
