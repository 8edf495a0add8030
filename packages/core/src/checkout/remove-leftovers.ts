import { readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { TEMPORARY } from '../working-tree/ignore-rules.ts'
import { obstacles } from '../working-tree/obstacles.ts'
import { isNowhere } from '../working-tree/stat-path.ts'

/**
 * Deletes what a checkout that failed or was killed left on the way to `files` (paths relative to
 * `root`): half-written files beside their places, and folders that are empty still.
 */
export function removeLeftovers(root: string, files: Iterable<string>): void {
  const obstacle = obstacles(root)
  const folders = new Map<string, Set<string>>()
  for (const file of files) {
    if (file.endsWith('/') || obstacle(file) !== undefined) continue
    const folder = path.posix.dirname(file)
    const names = folders.get(folder) ?? new Set()
    folders.set(folder, names.add(path.posix.basename(file)))
  }
  // Inner folders come first: an outer one may be empty only after them.
  for (const [folder, names] of [...folders].toSorted(([a], [b]) => b.length - a.length)) {
    for (const name of listNames(path.join(root, folder))) {
      const at = name.lastIndexOf(TEMPORARY)
      if (at > 0 && names.has(name.slice(0, at))) unlinkSync(path.join(root, folder, name))
    }
    removeEmptyFolders(root, folder)
  }
}

/** Removes a folder and those above it, as long as they are empty. */
export function removeEmptyFolders(root: string, inside: string): void {
  for (let folder = inside; folder !== '.' && folder !== ''; folder = path.posix.dirname(folder)) {
    try {
      rmdirSync(path.join(root, folder))
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return
      if (!isNowhere(error)) throw error
    }
  }
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isNowhere(error)) return []
    throw error
  }
}
