import { readlinkSync } from 'node:fs'
import path from 'node:path'
import {
  type BlobId,
  type FileStamp,
  type FileStat,
  ingestFiles,
  type WriteSession,
} from '@dsv/store'
import { linkLeavesTree } from '../errors.ts'
import { checkPath, linkStaysInside } from '../record/check-path.ts'
import type { FileRecord } from '../record/file-record.ts'
import type { Repository } from '../repository/repository.ts'
import type { WorkingChange } from '../working-tree/compare-working-tree.ts'
import { fileKind } from '../working-tree/file-kind.ts'
import type { KeptBlobs } from '../working-tree/known-blobs.ts'
import type { StagedFiles } from './staged-files.ts'

/**
 * Stores the bytes of changed files and notes their records in `files`.
 *
 * @throws `DSV_LINK_LEAVES_TREE`, `DSV_FILE_CHANGED`, `DSV_PATH_UNSAFE`
 */
export async function storeFiles(
  repository: Repository,
  session: WriteSession,
  known: KeptBlobs,
  changes: readonly WorkingChange[],
  files: StagedFiles,
): Promise<void> {
  const { signal, workerUrl, onProgress } = repository.environment
  const { regular, others } = byType(changes)
  for (const change of others) {
    known.forget(change.path)
    files.set(change.path, recordOf(repository.folder, change, undefined))
  }
  const totalBytes = regular.reduce((sum, { entry }) => sum + (entry?.stat?.sizeBytes ?? 0), 0)
  await ingestFiles(
    session,
    regular.map(({ path: file, entry }) => ({
      path: path.join(repository.folder, file),
      sizeBytes: entry?.stat?.sizeBytes ?? 0,
    })),
    {
      signal,
      ...(workerUrl !== undefined && { workerUrl }),
      onProgress: ({ sizeBytes }) =>
        onProgress({ task: 'storing files', done: sizeBytes, total: totalBytes, unit: 'bytes' }),
      // One by one: the results of all files would take as much memory as all that is known of them.
      onFile: (at, { blobId: blob, sizeBytes, stamp }) => {
        const change = regular[at]
        if (change === undefined) return
        known.remember(change.path, statOf(stamp, change.entry?.stat), blob)
        files.set(change.path, recordOf(repository.folder, change, { blob, sizeBytes }))
      },
    },
  )
}

function byType(changes: readonly WorkingChange[]): Record<'regular' | 'others', WorkingChange[]> {
  const regular: WorkingChange[] = []
  const others: WorkingChange[] = []
  for (const change of changes) {
    if (change.entry !== undefined) checkPath(change.path)
    if (change.entry?.type === 'file') regular.push(change)
    else others.push(change)
  }
  return { regular, others }
}

/** The stat that the bytes were read under: the object that is there already where it is equal. */
function statOf(stamp: FileStamp, known: FileStat | undefined): FileStat {
  const { sizeBytes, modifiedNs: mtimeNs, changedNs: ctimeNs, inode: ino, mode } = stamp
  const isKnown =
    known?.mtimeNs === mtimeNs &&
    known.ctimeNs === ctimeNs &&
    known.ino === ino &&
    known.sizeBytes === sizeBytes &&
    known.mode === mode
  return isKnown ? known : { sizeBytes, mtimeNs, ctimeNs, ino, mode }
}

function recordOf(
  root: string,
  { path: file, entry, before }: WorkingChange,
  stored: { blob: BlobId; sizeBytes: number } | undefined,
): FileRecord | undefined {
  const type = entry === undefined ? undefined : fileKind(entry)
  switch (type) {
    case undefined:
      return undefined
    case 'empty-folder':
      return { type }
    case 'symlink': {
      const target = readlinkSync(path.join(root, file))
      if (!linkStaysInside(file, target)) throw linkLeavesTree(file, target)
      return { type, target }
    }
    case 'file':
    case 'executable':
      if (stored === undefined) return undefined
      return {
        type,
        ...stored,
        role: before !== undefined && 'role' in before ? before.role : 'none',
      }
  }
}
