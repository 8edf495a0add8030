import type { Folder } from '@dsv/core'
import { fileNotFound } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { stat } from 'node:fs/promises'
import { diskFolder } from './disk-folder.ts'

/** A folder that may hold a file open; close it when done. */
export interface OpenedFolder extends Folder {
  /** Closes the archive, when it is one. */
  close(): Promise<void>
}

/**
 * Opens a dataset for reading: a folder on disk, or a zip file.
 *
 * @throws `DSV_FILE_NOT_FOUND`, `DSV_ARCHIVE_INVALID`
 */
export async function openFolder(path: string): Promise<OpenedFolder> {
  const stats = await stat(path).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') throw fileNotFound(path)
    throw error
  })
  if (stats.isDirectory()) return { ...diskFolder(path), close: async () => {} }
  const { zipFolder } = await import('./zip-folder.ts')
  return zipFolder(path)
}
