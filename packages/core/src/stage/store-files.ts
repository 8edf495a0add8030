import { readlinkSync } from 'node:fs'
import path from 'node:path'
import {
  type FileStamp,
  type FileStat,
  type FileToIngest,
  ingestFiles,
  type WriteSession,
} from '@dsv/store'
import { linkLeavesTree } from '../errors.ts'
import { checkPath, linkStaysInside } from '../record/check-path.ts'
import type { FileRecord } from '../record/file-record.ts'
import type { Repository } from '../repository/repository.ts'
import type { WorkingChange } from '../working-tree/compare-working-tree.ts'
import { regularKind } from '../working-tree/file-kind.ts'
import type { KeptBlobs } from '../working-tree/known-blobs.ts'
import type { WorkingEntry } from '../working-tree/walk-working-tree.ts'
import type { StagedFiles } from './staged-files.ts'

/** What was stored, by what it was before. */
export interface StoredFiles {
  readonly added: number
  readonly modified: number
  readonly removed: number
  /** Bytes of the files that were read. */
  readonly readBytes: number
}

/**
 * Stores the bytes of changed files and notes the changes and their records in `files`.
 *
 * @throws `DSV_LINK_LEAVES_TREE`, `DSV_FILE_CHANGED`, `DSV_PATH_UNSAFE`
 */
export async function storeFiles(
  repository: Repository,
  session: WriteSession,
  known: KeptBlobs,
  changes: Iterable<WorkingChange> | AsyncIterable<WorkingChange>,
  files: StagedFiles,
): Promise<StoredFiles> {
  const { signal, workerUrl, onProgress } = repository.environment
  const counts = { added: 0, modified: 0, removed: 0, readBytes: 0 }
  const regular: RegularFile[] = []
  for await (const { path: file, entry, before } of changes) {
    if (entry === undefined) counts.removed++
    else if (before === undefined) counts.added++
    else counts.modified++
    if (entry !== undefined) checkPath(file)
    if (entry?.type === 'file') {
      const sizeBytes = entry.stat?.sizeBytes ?? 0
      counts.readBytes += sizeBytes
      regular.push({ path: file, type: regularKind(entry), before, sizeBytes })
      continue
    }
    known.forget(file)
    files.set(file, otherRecord(repository.folder, file, entry))
    files.noteChange(file, before, 0n)
  }
  const { readBytes: total } = counts
  await ingestFiles(session, sources(repository.folder, regular), {
    signal,
    ...(workerUrl !== undefined && { workerUrl }),
    onProgress: ({ sizeBytes: done }) =>
      onProgress({ task: 'storing files', done, total, unit: 'bytes' }),
    // One by one: the results of all files would take as much memory as all that is known of them.
    onFile: (at, { blobId: blob, sizeBytes, stamp }) => {
      const file = regular[at]
      if (file === undefined) return
      const { path: inside, type, before } = file
      const role = before !== undefined && 'role' in before ? before.role : 'none'
      known.remember(inside, statOf(stamp), blob)
      files.set(inside, { type, blob, sizeBytes, role })
      files.noteChange(inside, before, stamp.changedNs)
    },
  })
  return counts
}

/** Leaves out new files. */
export async function* trackedOnly(
  changes: AsyncIterable<WorkingChange>,
): AsyncGenerator<WorkingChange> {
  for await (const change of changes) if (change.before !== undefined) yield change
}

/** What is kept of each file until its bytes are stored: a million may wait. */
interface RegularFile {
  readonly path: string
  readonly type: 'file' | 'executable'
  readonly before: FileRecord | undefined
  readonly sizeBytes: number
}

function* sources(root: string, files: readonly RegularFile[]): Generator<FileToIngest> {
  for (const { path: file, sizeBytes } of files) yield { path: path.join(root, file), sizeBytes }
}

function statOf({ sizeBytes, modifiedNs, changedNs, inode, mode }: FileStamp): FileStat {
  return { sizeBytes, mtimeNs: modifiedNs, ctimeNs: changedNs, ino: inode, mode }
}

/** The record of what is no regular file. */
function otherRecord(
  root: string,
  file: string,
  entry: WorkingEntry | undefined,
): FileRecord | undefined {
  if (entry?.type === 'empty-folder') return { type: 'empty-folder' }
  if (entry?.type !== 'symlink') return undefined
  const target = readlinkSync(path.join(root, file))
  if (!linkStaysInside(file, target)) throw linkLeavesTree(file, target)
  return { type: 'symlink', target }
}
