import type { Folder, OpenFile } from '@dsv/core'
import { fileNotFound } from '@dsv/core'
import { systemErrorCode } from '@dsv/store'
import { constants, type Dirent } from 'node:fs'
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { handleFile, readWhole } from './open-file.ts'
import { hasPath, pathsBelow } from './path-list.ts'
import { isReserved } from './safe-path.ts'
import { compareText } from '../shared/compare-text.ts'

/**
 * Returns the folder at `root` on disk.
 *
 * The listing is made once, on first use; only files in it can be opened, so no path can lead out.
 * `.git` and `.dsv` are left out at every depth. A symbolic link to a file inside the root counts as
 * that file; links to folders and links that lead out are left out.
 */
export function diskFolder(root: string): Folder {
  let listing: Promise<readonly string[]> | undefined
  const paths = (): Promise<readonly string[]> => (listing ??= listFiles(path.resolve(root)))
  const openPath = async (name: string): Promise<OpenFile> => {
    if (!hasPath(await paths(), name)) throw fileNotFound(name)
    return openInside(path.resolve(root), name)
  }
  return {
    list: async (under) => pathsBelow(await paths(), under),
    has: async (name) => hasPath(await paths(), name),
    open: openPath,
    read: async (name) => {
      const file = await openPath(name)
      try {
        return await readWhole(file, name)
      } finally {
        await file.close()
      }
    },
  }
}

async function listFiles(root: string): Promise<readonly string[]> {
  const found: string[] = []
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await readFolder(root, folder)) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (isReserved(entry.name)) continue
      if (entry.isDirectory()) pending.push(name)
      else if (entry.isFile()) found.push(name)
      else if (entry.isSymbolicLink() && (await fileInside(root, name))) found.push(name)
    }
  }
  return found.toSorted(compareText)
}

async function readFolder(root: string, folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path.join(root, folder), { withFileTypes: true })
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      if (folder === '') throw fileNotFound(root)
      return []
    }
    throw error
  }
}

/** Returns where a path leads, when that is a file inside the root. */
export async function fileInside(root: string, name: string): Promise<string | undefined> {
  try {
    const [top, target] = await Promise.all([realpath(root), realpath(path.join(root, name))])
    if (!target.startsWith(top + path.sep)) return undefined
    if (target.slice(top.length).split(path.sep).some(isReserved)) return undefined
    return (await stat(target)).isFile() ? target : undefined
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined
    throw error
  }
}

/** Opens a file below `root` that no link leads out of. @throws `DSV_FILE_NOT_FOUND` */
export async function openInside(root: string, name: string): Promise<OpenFile> {
  const handle = await openPlain(root, name)
  try {
    return handleFile(handle, (await handle.stat()).size)
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function openPlain(root: string, name: string): Promise<FileHandle> {
  try {
    // A file that became a link since it was listed must not lead out of the root.
    return await open(path.join(root, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw fileNotFound(name)
    if (code !== 'ELOOP' && code !== 'EMLINK') throw error
    const target = await fileInside(root, name)
    if (target === undefined) throw fileNotFound(name)
    return open(target, constants.O_RDONLY)
  }
}
