import { editTree, type TreeRef } from '@dsv/store'
import { settleWorkingTree } from '../checkout/move-working-tree.ts'
import type { Repository, Transaction } from '../repository/repository.ts'
import { readIgnoreRules } from '../working-tree/ignore-rules.ts'
import type { KeptBlobs } from '../working-tree/known-blobs.ts'
import { scanPaths } from '../working-tree/scan-paths.ts'
import { stagedFiles } from './staged-files.ts'
import { storeFiles, trackedOnly } from './store-files.ts'

/**
 * Stores what the tracked files under `paths` hold on disk and returns the file tree of the stage with
 * these contents: what a forced checkout is about to write over.
 */
export async function localTree(
  repository: Repository,
  { session, state }: Transaction,
  known: KeptBlobs,
  paths: readonly string[],
  { keepsAbsent = true }: { readonly keepsAbsent?: boolean } = {},
): Promise<TreeRef> {
  await settleWorkingTree(repository, known)
  const { files } = state.work.stage
  const changes = scanPaths(files, paths, {
    root: repository.folder,
    reader: session,
    known,
    isIgnored: readIgnoreRules(repository.folder),
    signal: repository.environment.signal,
    ...(repository.isPartial && keepsAbsent && { onAbsent: () => {} }),
  })
  const staged = stagedFiles(session, files)
  await storeFiles(repository, session, known, trackedOnly(changes), staged)
  return editTree(session, files, staged.edits())
}
