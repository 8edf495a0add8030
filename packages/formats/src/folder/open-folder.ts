import type { Folder } from '@dsv/core'
import { fileNotFound, previewFiles } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { stat } from 'node:fs/promises'
import { diskFolder } from './disk-folder.ts'
import { diskPreview, type FolderPreview } from './disk-preview.ts'
import { pathsBelow } from './path-list.ts'

/** A folder that may hold a file open; close it when done. */
export interface OpenedFolder extends Folder {
  /** Closes the archive, when it is one. */
  close(): Promise<void>
}

/** A folder to find out the format of; close it when done. */
export interface OpenedPreview extends FolderPreview {
  /** Closes the archive, when it is one. */
  close(): Promise<void>
}

/**
 * Opens a dataset for reading: a folder on disk, or a zip file.
 *
 * @throws `DSV_FILE_NOT_FOUND`, `DSV_ARCHIVE_INVALID`
 */
export async function openFolder(path: string): Promise<OpenedFolder> {
  if (await isFolder(path)) return { ...diskFolder(path), close: async () => {} }
  return openZip(path)
}

/**
 * Opens a dataset to find out its format: as {@link openFolder}, but the listing leaves out what no
 * format is known by, the millionth image for example.
 *
 * @throws `DSV_FILE_NOT_FOUND`, `DSV_ARCHIVE_INVALID`
 */
export async function openPreview(path: string): Promise<OpenedPreview> {
  if (await isFolder(path)) return { ...diskPreview(path), close: async () => {} }
  const archive = await openZip(path)
  const all = await archive.list()
  const shown = previewFiles(all)
  return {
    ...archive,
    list: async (under) => pathsBelow(shown, under),
    isComplete: async () => shown.length === all.length,
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw fileNotFound(path)
    throw error
  }
}

async function openZip(path: string): Promise<OpenedFolder> {
  const { zipFolder } = await import('./zip-folder.ts')
  return zipFolder(path)
}
