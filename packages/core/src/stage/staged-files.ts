import { getEntry, type ObjectReader, scanBatches, type TreeEdit, type TreeRef } from '@dsv/store'
import {
  decodeFile,
  decodePath,
  encodeFile,
  encodePath,
  type FileRecord,
  type FileRole,
} from '../record/file-record.ts'
import { comparePaths } from '../record/compare-paths.ts'
import { isBelow, joinPath, pathRange, relativeTo } from '../working-tree/path-range.ts'
import type { TrackedPaths } from '../working-tree/working-folder.ts'
import { createFileTable, type FileTable, type StagedChange } from './file-table.ts'
import { findClashes } from './find-clashes.ts'

/** The files of a stage while it is built: a stored tree with edits on top. */
export interface StagedFiles {
  /** Sets the record of a path; undefined removes it. */
  set(path: string, record: FileRecord | undefined): void
  /** Returns the record of a path, edits included. */
  at(path: string): Promise<FileRecord | undefined>
  /** Says what a file is to its dataset; changes nothing when that is known. */
  setRole(path: string, role: FileRole): Promise<void>
  /** The files below a folder, edits included; empty folders and links are left out. */
  below(folder: string): TrackedPaths
  /** Returns whether any file is left below a folder. */
  hasAny(folder: string): Promise<boolean>
  /** Notes that a path, whose record was set, differed on disk from the tree. */
  noteChange(path: string, before: FileRecord | undefined, changedNs: bigint): void
  /** The noted paths at and below a folder. */
  changesBelow(folder: string): Generator<StagedChange>
  /** Removes what cannot stay beside what was added; see {@link findClashes}. */
  removeClashes(): Promise<void>
  /** The edits, sorted by key; each is encoded when it is asked for. */
  edits(): Iterable<TreeEdit>
}

/** Returns the files of `tree`, ready to be edited. */
export function stagedFiles(reader: ObjectReader, tree: TreeRef): StagedFiles {
  const table = createFileTable()
  const at = async (path: string): Promise<FileRecord | undefined> => {
    if (table.has(path)) return table.get(path)
    const entry = await getEntry(reader, tree, encodePath(path))
    return entry === undefined ? undefined : decodeFile(entry)
  }
  return {
    at,
    set: (path, record) => table.set(path, record),
    setRole: async (path, role) => {
      const record = await at(path)
      if (record !== undefined && 'role' in record && record.role !== role)
        table.set(path, { ...record, role })
    },
    below: (folder) => ({
      list: async () => listBelow(reader, tree, table, folder),
      has: async (inside) => isRegular(await at(joinPath(folder, inside))),
    }),
    hasAny: async (folder) => {
      for (const path of table.paths())
        if (isBelow(path, folder) && isRegular(table.get(path))) return true
      for await (const entries of scanBatches(reader, tree, pathRange(folder)))
        if (entries.some((entry) => !table.has(decodePath(entry.key)))) return true
      return false
    },
    noteChange: (path, before, changedNs) => {
      const isFile = before !== undefined && 'role' in before
      table.noteChange(path, isFile ? before.role : before ? 'other' : 'new', changedNs)
    },
    *changesBelow(folder) {
      for (const change of table.changes()) if (isBelow(change.path, folder)) yield change
    },
    removeClashes: async () => {
      for (const path of await findClashes(reader, tree, keptPaths(table)))
        if (!table.has(path)) table.set(path, undefined)
    },
    edits: () => encodedEdits(table),
  }
}

function* keptPaths(table: FileTable): Generator<string> {
  for (const path of table.paths()) if (table.get(path) !== undefined) yield path
}

function* encodedEdits(table: FileTable): Generator<TreeEdit> {
  for (const path of [...table.paths()].toSorted(comparePaths)) {
    const record = table.get(path)
    const key = encodePath(path)
    yield { key, entry: record === undefined ? undefined : encodeFile(path, record) }
  }
}

async function listBelow(
  reader: ObjectReader,
  tree: TreeRef,
  table: FileTable,
  folder: string,
): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const entries of scanBatches(reader, tree, pathRange(folder)))
    for (const entry of entries) {
      const path = decodePath(entry.key)
      if (!table.has(path) && isRegular(decodeFile(entry))) paths.push(relativeTo(folder, path))
    }
  const prefix = folder === '' ? '' : `${folder}/`
  for (const path of table.paths())
    if (path.startsWith(prefix) && isRegular(table.get(path))) paths.push(relativeTo(folder, path))
  return paths.toSorted(comparePaths)
}

function isRegular(record: FileRecord | undefined): boolean {
  return record?.type === 'file' || record?.type === 'executable'
}
