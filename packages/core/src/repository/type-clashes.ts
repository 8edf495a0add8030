import {
  diffTrees,
  editTree,
  getEntry,
  type ObjectReader,
  scanBatches,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import type { FileConflict, Favour } from '../merge/conflict.ts'
import { comparePaths } from '../record/compare-paths.ts'
import { decodeFile, decodePath, encodePath } from '../record/file-record.ts'
import { findClashes } from '../stage/find-clashes.ts'
import { pathRange } from '../working-tree/path-range.ts'

/** A merged file tree in which each path is a file or a folder. */
export interface ClearedFiles {
  readonly files: TreeRef
  readonly conflicts: readonly FileConflict[]
}

/**
 * Settles where one side has a file and the other a folder of that name in the tree that was merged
 * path by path: it keeps what `ours` has, and what `theirs` has becomes a conflict.
 */
export async function clearTypeClashes(
  session: WriteSession,
  ours: TreeRef,
  files: TreeRef,
  favour: Favour | undefined,
): Promise<ClearedFiles> {
  const conflicts: FileConflict[] = []
  const removed = new Set<string>()
  for await (const { key, from, to } of diffTrees(session, ours, files)) {
    if (from !== undefined || to === undefined) continue
    const path = decodePath(key)
    const clashes = await clashesWith(session, files, path)
    const others = clashes.filter((clash) => !isNothingBut(clash, path))
    for (const clash of clashes) if (!others.includes(clash)) removed.add(clash)
    if (others.length === 0) continue
    if (path.endsWith('/') || favour === 'ours') removed.add(path)
    else if (favour === 'theirs') for (const clash of others) removed.add(clash)
    else {
      removed.add(path)
      const theirs = decodeFile(to)
      conflicts.push({
        kind: 'file',
        where: '',
        key: path,
        fields: [],
        base: null,
        ours: null,
        theirs,
      })
    }
  }
  const edits = [...removed]
    .toSorted(comparePaths)
    .map((path) => ({ key: encodePath(path), entry: undefined }))
  return { files: await editTree(session, files, edits), conflicts }
}

/** The record that a folder is empty says nothing once something lies in it. */
function isNothingBut(clash: string, path: string): boolean {
  return clash.endsWith('/') && path.startsWith(clash)
}

/** Returns the paths of a file tree that cannot stay beside `path`: above it and below it. */
export async function clashesWith(
  reader: ObjectReader,
  files: TreeRef,
  path: string,
): Promise<readonly string[]> {
  const clashes = [...(await findClashes(reader, files, [path]))]
  const bare = path.endsWith('/') ? path.slice(0, -1) : path
  if (bare !== path && (await getEntry(reader, files, encodePath(bare))) !== undefined)
    clashes.push(bare)
  for await (const entries of scanBatches(reader, files, pathRange(bare)))
    for (const { key } of entries) {
      const inside = decodePath(key)
      if (inside !== path) clashes.push(inside)
    }
  return clashes
}
