import type { Folder } from '@dsv/core'

/** What the metadata of every file say. */
export const SIGNATURE = 'signature:datumaro_arrow'

/** Finds the Arrow files of a folder. */
export async function findArrowFiles(folder: Folder): Promise<readonly string[]> {
  return (await folder.list()).filter((path) => path.toLowerCase().endsWith('.arrow'))
}
