import { readdirSync, unlinkSync } from 'node:fs'
import path from 'node:path'
import { systemErrorCode } from '@dsv/store'
import { TEMPORARY } from '../working-tree/ignore-rules.ts'

/**
 * Deletes the temporary files that a checkout which was killed left beside the files it was to write.
 * `files` are those, by path relative to `root`.
 */
export function removeLeftovers(root: string, files: Iterable<string>): void {
  const names = new Map<string, Set<string>>()
  for (const file of files) {
    const folder = path.posix.dirname(file)
    const known = names.get(folder) ?? new Set()
    names.set(folder, known.add(path.posix.basename(file)))
  }
  for (const [folder, wanted] of names) {
    for (const name of namesIn(path.join(root, folder))) {
      const end = name.lastIndexOf(TEMPORARY)
      if (end > 0 && wanted.has(name.slice(0, end))) unlinkSync(path.join(root, folder, name))
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
