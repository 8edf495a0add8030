import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { FileRecord } from '../record/file-record.ts'
import { isUnchanged, type KnownBlobs } from '../working-tree/compare-working-tree.ts'
import { obstacles } from '../working-tree/obstacles.ts'
import { statPath } from '../working-tree/stat-path.ts'
import { statEntry, walkWorkingTree } from '../working-tree/walk-working-tree.ts'
import type { Disk, FileChange, Found } from './plan-checkout.ts'

/** Returns what planning a checkout asks of the working tree at `root`, as it is now. */
export function lookAtDisk(root: string, known: KnownBlobs): Disk {
  const obstacle = obstacles(root)
  return {
    obstacle,
    foundAt: (change) =>
      // What is behind a link is somewhere else.
      obstacle(change.path) === undefined ? found(root, known, change) : 'missing',
    *below(folder) {
      for (const batch of walkWorkingTree(root, folder, () => false))
        for (const { path: file, type } of batch) if (type !== 'empty-folder') yield file
    },
  }
}

function found(root: string, known: KnownBlobs, { path: file, from, to }: FileChange): Found {
  if (file.endsWith('/')) return isEmptyFolder(root, file) ? (to ? 'to' : 'from') : 'missing'
  const stat = statPath(root, file)
  if (stat?.isDirectory() === true) return 'folder'
  const entry = stat === undefined ? undefined : statEntry(root, file)
  if (entry === undefined) return 'missing'
  const holds = (record: FileRecord | undefined): boolean =>
    record !== undefined && isUnchanged(entry, record, { root, known })
  if (holds(to)) return 'to'
  return holds(from) ? 'from' : 'other'
}

function isEmptyFolder(root: string, file: string): boolean {
  if (statPath(root, file)?.isDirectory() !== true) return false
  return readdirSync(path.join(root, file)).length === 0
}
