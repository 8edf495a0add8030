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
  /** Removes what cannot stay beside what was added; see {@link findClashes}. */
  removeClashes(): Promise<void>
  /** The edits, sorted by key; each is encoded when it is asked for. */
  edits(): Iterable<TreeEdit>
}

/** Returns the files of `tree`, ready to be edited. */
export function stagedFiles(reader: ObjectReader, tree: TreeRef): StagedFiles {
  const edits = new Map<string, FileRecord | undefined>()
  const at = async (path: string): Promise<FileRecord | undefined> => {
    if (edits.has(path)) return edits.get(path)
    const entry = await getEntry(reader, tree, encodePath(path))
    return entry === undefined ? undefined : decodeFile(entry)
  }
  return {
    at,
    set: (path, record) => void edits.set(path, record),
    setRole: async (path, role) => {
      const record = await at(path)
      if (record !== undefined && 'role' in record && record.role !== role)
        edits.set(path, { ...record, role })
    },
    below: (folder) => ({
      list: async () => listBelow(reader, tree, edits, folder),
      has: async (inside) => isRegular(await at(joinPath(folder, inside))),
    }),
    hasAny: async (folder) => {
      for (const [path, record] of edits)
        if (isRegular(record) && isBelow(path, folder)) return true
      for await (const entries of scanBatches(reader, tree, pathRange(folder)))
        if (entries.some((entry) => !edits.has(decodePath(entry.key)))) return true
      return false
    },
    removeClashes: async () => {
      const added = [...edits].flatMap(([path, record]) => (record === undefined ? [] : path))
      for (const path of await findClashes(reader, tree, added))
        if (!edits.has(path)) edits.set(path, undefined)
    },
    edits: () => encodedEdits(edits),
  }
}

function* encodedEdits(edits: ReadonlyMap<string, FileRecord | undefined>): Generator<TreeEdit> {
  for (const path of [...edits.keys()].toSorted(comparePaths)) {
    const record = edits.get(path)
    const key = encodePath(path)
    yield { key, entry: record === undefined ? undefined : encodeFile(path, record) }
  }
}

async function listBelow(
  reader: ObjectReader,
  tree: TreeRef,
  edits: ReadonlyMap<string, FileRecord | undefined>,
  folder: string,
): Promise<readonly string[]> {
  const paths = new Set<string>()
  for await (const entries of scanBatches(reader, tree, pathRange(folder)))
    for (const entry of entries)
      if (isRegular(decodeFile(entry))) paths.add(relativeTo(folder, decodePath(entry.key)))
  const prefix = folder === '' ? '' : `${folder}/`
  for (const [path, record] of edits) {
    if (!path.startsWith(prefix)) continue
    if (isRegular(record)) paths.add(relativeTo(folder, path))
    else paths.delete(relativeTo(folder, path))
  }
  return [...paths].toSorted(comparePaths)
}

function isRegular(record: FileRecord | undefined): boolean {
  return record?.type === 'file' || record?.type === 'executable'
}
