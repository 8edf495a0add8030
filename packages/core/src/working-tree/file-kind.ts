import type { FileRecord } from '../record/file-record.ts'
import type { WorkingEntry } from './walk-working-tree.ts'

/** Permission bits of which one makes a file executable. */
const EXECUTABLE = 0o111

/** Returns the type that a snapshot would give the entry; undefined for sockets, devices and pipes. */
export function fileKind(entry: WorkingEntry): FileRecord['type'] | undefined {
  switch (entry.type) {
    case 'file':
      return regularKind(entry)
    case 'symlink':
      return 'symlink'
    case 'empty-folder':
      return 'empty-folder'
    case 'other':
      return undefined
  }
}

/** The same of a regular file. */
export function regularKind({ stat }: WorkingEntry): 'file' | 'executable' {
  return stat !== undefined && (stat.mode & EXECUTABLE) !== 0 ? 'executable' : 'file'
}
