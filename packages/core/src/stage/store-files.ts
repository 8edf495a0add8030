import { readlinkSync } from 'node:fs'
import path from 'node:path'
import {
  type FileStamp,
  type FileStat,
  type FileToIngest,
  ingestAside,
  type IngestedFile,
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
import type { AsideWork } from './aside-work.ts'
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
 * Stores the bytes of changed files and notes the changes and their records in `files`. With `aside` a
 * single large file may still be on its way into the store when this returns: then it can be read
 * meanwhile.
 *
 * @throws `DSV_LINK_LEAVES_TREE`, `DSV_FILE_CHANGED`, `DSV_PATH_UNSAFE`
 */
export async function storeFiles(
  repository: Repository,
  session: WriteSession,
  known: KeptBlobs,
  changes: Iterable<WorkingChange> | AsyncIterable<WorkingChange>,
  files: StagedFiles,
  aside?: AsideWork,
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
  const onStored = (
    { path: inside, type, before }: RegularFile,
    { blobId: blob, sizeBytes, stamp }: IngestedFile,
  ): void => {
    const role = before !== undefined && 'role' in before ? before.role : 'none'
    known.remember(inside, statOf(stamp), blob)
    files.set(inside, { type, blob, sizeBytes, role })
    files.noteChange(inside, before, stamp.changedNs)
  }
  // A draft is written to another place than it is read from, which a worker cannot.
  const isDraft = session.driver !== repository.store.driver
  const large = workerUrl === undefined || isDraft ? -1 : largeFile(regular)
  if (aside !== undefined && workerUrl !== undefined && large !== -1) {
    for (const file of regular.splice(large, 1)) {
      const options = { workerUrl, signal: aside.signal }
      const { stored, file: identified } = await ingestAside(
        session,
        path.join(repository.folder, file.path),
        options,
      )
      aside.add(stored)
      onStored(file, identified)
    }
  }
  const { readBytes: total } = counts
  await ingestFiles(session, sources(repository.folder, regular), {
    signal,
    ...(workerUrl !== undefined && { workerUrl }),
    onProgress: ({ sizeBytes: done }) =>
      onProgress({ task: 'storing files', done, total, unit: 'bytes' }),
    // One by one: the results of all files would take as much memory as all that is known of them.
    onFile: (at, stored) => {
      const file = regular[at]
      if (file !== undefined) onStored(file, stored)
    },
  })
  return counts
}

/** From here on storing a file takes long enough to do something else meanwhile. */
const LARGE_BYTES = 64 * 1024 * 1024
/** A larger file may not stay in the memory of the system, and would be read from disk twice. */
const TOO_LARGE_BYTES = 2 * 1024 * 1024 * 1024
/** Beside more files than this, workers are busy anyway. */
const FEW_FILES = 1000

/** Returns where the one large file among few small ones is, or -1. */
function largeFile(files: readonly RegularFile[]): number {
  if (files.length > FEW_FILES) return -1
  const at = files.findIndex(({ sizeBytes }) => sizeBytes >= LARGE_BYTES)
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const largest = files[at]?.sizeBytes ?? Infinity
  return largest <= TOO_LARGE_BYTES && total - largest < LARGE_BYTES ? at : -1
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
