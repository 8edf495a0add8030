import { readlinkSync } from 'node:fs'
import path from 'node:path'
import { type BlobId, ingestFiles, type WriteSession } from '@dsv/store'
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
  const regular = changes.filter(({ entry }) => entry?.type === 'file')
  const totalBytes = regular.reduce((sum, { entry }) => sum + (entry?.stat?.sizeBytes ?? 0), 0)
  const ingested = await ingestFiles(
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
    },
  )
  const blobs = new Map<string, { blob: BlobId; sizeBytes: number }>()
  for (const [at, { path: file }] of regular.entries()) {
    const result = ingested[at]
    if (result === undefined) continue
    blobs.set(file, { blob: result.blobId, sizeBytes: result.sizeBytes })
    const { sizeBytes, modifiedNs: mtimeNs, changedNs: ctimeNs, inode: ino, mode } = result.stamp
    known.remember(file, { sizeBytes, mtimeNs, ctimeNs, ino, mode }, result.blobId)
  }
  for (const change of changes) {
    if (change.entry !== undefined) checkPath(change.path)
    if (change.entry?.type !== 'file') known.forget(change.path)
    files.set(change.path, recordOf(repository.folder, change, blobs.get(change.path)))
  }
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
