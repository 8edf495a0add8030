import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import {
  buildTree,
  type FileToIngest,
  ingestFiles,
  type TreeEntry,
  type TreeRef,
  type WriteSession,
} from '@dsv/store'
import { linkLeavesTree } from '../errors.ts'
import { checkPath, linkStaysInside } from '../record/check-path.ts'
import { encodeFile, type FileRecord } from '../record/file-record.ts'
import type { Repository } from '../repository/repository.ts'
import { fileKind } from '../working-tree/file-kind.ts'
import { isNeverTracked } from '../working-tree/ignore-rules.ts'
import { joinPath } from '../working-tree/path-range.ts'
import { statEntry, walkWorkingTree, type WorkingEntry } from '../working-tree/walk-working-tree.ts'

/**
 * Stores a file or folder that lies anywhere and returns the tree of what is in it: paths are relative to
 * it, that of a file or an empty folder is empty. Some hundred bytes of memory for each file.
 *
 * @param absolute - Where it lies
 * @param place - Where in the repository it will lie; links may not lead out from there
 * @throws `DSV_LINK_LEAVES_TREE`, `DSV_FILE_CHANGED`, `DSV_PATH_UNSAFE`
 */
export async function storeFolder(
  { environment }: Repository,
  session: WriteSession,
  absolute: string,
  place: string,
): Promise<TreeRef> {
  const records: { readonly inside: string; record: FileRecord }[] = []
  const regular: FileToIngest[] = []
  /** Where in `records` the regular files are. */
  const places: number[] = []
  for (const entry of entriesAt(absolute)) {
    const inside = entry.path
    if (inside !== '') checkPath(joinPath(place, inside))
    const source = inside === '' ? absolute : path.join(absolute, inside)
    if (entry.type === 'file') {
      places.push(records.length)
      regular.push({ path: source, sizeBytes: entry.stat?.sizeBytes ?? 0 })
      records.push({ inside, record: { type: 'empty-folder' } })
      continue
    }
    const kind = fileKind(entry)
    if (kind === 'empty-folder') records.push({ inside, record: { type: kind } })
    if (kind !== 'symlink') continue
    const target = readlinkSync(source)
    const full = inside === '' ? place : joinPath(place, inside)
    if (!linkStaysInside(full, target)) throw linkLeavesTree(full, target)
    records.push({ inside, record: { type: kind, target } })
  }
  const { signal, workerUrl, onProgress } = environment
  await ingestFiles(session, regular, {
    signal,
    ...(workerUrl !== undefined && { workerUrl }),
    onProgress: ({ sizeBytes: done }) => onProgress({ task: 'storing files', done, unit: 'bytes' }),
    onFile: (at, { blobId: blob, sizeBytes, stamp }) => {
      const entry = records[places[at] ?? -1]
      if (entry === undefined) return
      const type = (stamp.mode & 0o111) === 0 ? 'file' : 'executable'
      entry.record = { type, blob, sizeBytes, role: 'none' }
    },
  })
  return buildTree(session, encoded(records))
}

function* encoded(
  records: readonly { readonly inside: string; readonly record: FileRecord }[],
): Generator<TreeEntry> {
  for (const { inside, record } of records) yield encodeFile(inside, record)
}

function* entriesAt(absolute: string): Generator<WorkingEntry> {
  if (!lstatSync(absolute).isDirectory()) {
    const entry = statEntry(path.dirname(absolute), path.basename(absolute))
    if (entry !== undefined) yield { ...entry, path: '' }
    return
  }
  if (readdirSync(absolute).length === 0) yield { path: '', type: 'empty-folder', stat: undefined }
  for (const batch of walkWorkingTree(absolute, '', isNeverTracked)) yield* batch
}
