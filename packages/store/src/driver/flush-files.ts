import path from 'node:path'

import { systemErrorCode } from '../dsv-error.ts'
import { type FileSystem, withFile } from './file-system.ts'

/** From this many files on, flushing the whole file system is faster than file by file. */
const MANY_FILES = 64

/**
 * Makes files and the names in their folders durable, up to `root`. `files` are absolute paths of files
 * or folders; those that are gone are passed over.
 */
export function flushFiles(system: FileSystem, root: string, files: Iterable<string>): void {
  const all = [...files]
  if (all.length === 0) return
  if (all.length >= MANY_FILES && system.syncAll(root)) return
  const folders = new Set<string>()
  for (const file of all) {
    flushOne(system, file)
    for (const folder of foldersUpTo(root, file)) folders.add(folder)
  }
  for (const folder of folders) flushOne(system, folder)
}

function foldersUpTo(root: string, file: string): string[] {
  const folders: string[] = []
  for (let folder = path.dirname(file); folder.startsWith(root); folder = path.dirname(folder)) {
    folders.push(folder)
    if (folder === root) break
  }
  return folders
}

/** Systems that cannot open or flush a folder keep its names durable by themselves. */
const NO_FOLDER_FLUSH = new Set(['EISDIR', 'EINVAL', 'EPERM', 'EACCES'])

function flushOne(system: FileSystem, file: string): void {
  try {
    withFile(system, file, 'r', (descriptor) => system.fsync(descriptor))
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT') return
    if (code !== undefined && NO_FOLDER_FLUSH.has(code) && isFolder(system, file)) return
    throw error
  }
}

function isFolder(system: FileSystem, file: string): boolean {
  return system.status(file).isFolder
}
