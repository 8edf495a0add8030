import { editTree, getEntry, type TreeRef } from '@dsv/store'
import { moveWorkingTree, settleWorkingTree } from '../checkout/move-working-tree.ts'
import { mergePending } from '../errors.ts'
import type { Snapshot } from '../record/commit-record.ts'
import { encodePath } from '../record/file-record.ts'
import { editsToward, restage } from '../stage/restage.ts'
import { stagedFiles } from '../stage/staged-files.ts'
import { storeFiles } from '../stage/store-files.ts'
import { afterMove } from '../stage/work-state.ts'
import type { CompareContext } from '../working-tree/compare-working-tree.ts'
import { isNeverTracked } from '../working-tree/ignore-rules.ts'
import { type KeptBlobs, withKnownBlobs } from '../working-tree/known-blobs.ts'
import { isBelow } from '../working-tree/path-range.ts'
import { scanPaths } from '../working-tree/scan-paths.ts'
import { statPath } from '../working-tree/stat-path.ts'
import { hasFilesBelow } from './has-files-below.ts'
import type { Repository, StateChange, Transaction } from './repository.ts'
import { type SnapshotPart, withPart } from './snapshot-part.ts'

/** What a file or folder of the repository becomes; without a part it goes. */
export interface OutputPart {
  readonly path: string
  readonly part: SnapshotPart | undefined
}

/** What is published at once. */
export interface Publication {
  readonly outputs: readonly OutputPart[]
  /** Changes of refs that belong to it. */
  readonly refs?: StateChange['refs']
}

/**
 * Puts files and folders that were made elsewhere into the place of what is there, in stage and working tree at
 * once. What lies at these paths, tracked or not, is stored first, so that `undo` brings it back.
 *
 * @param make - Stores what is published; is called again when another process changes the stage meanwhile
 * @throws `DSV_MERGE_PENDING`, `DSV_WORKING_TREE_BUSY`, `DSV_CHECKOUT_WOULD_OVERWRITE` when a file lies where a
 *   folder has to be, and what `make` throws
 */
export async function publishOutputs(
  repository: Repository,
  description: string,
  make: (transaction: Transaction) => Promise<Publication>,
): Promise<void> {
  await withKnownBlobs(repository, async (known) =>
    repository.write(description, async (transaction) => {
      const { session, state } = transaction
      const { work } = state
      if (work.merge !== undefined) throw mergePending(work.merge.kind)
      await settleWorkingTree(repository, known)
      const { outputs, refs } = await make(transaction)
      const paths = outputs.map(({ path }) => path)
      const isMade = (path: string): boolean => paths.some((each) => isBelow(path, each))
      let made: Snapshot = work.stage
      for (const { path, part } of outputs) made = await withPart(session, made, path, part)
      const edits = await editsToward(session, work.stage.files, made.files, paths)
      const kept = [...work.stage.datasets].filter(([path]) => !isMade(path))
      // Also those of which no file differs.
      const datasets = new Map([...kept, ...[...made.datasets].filter(([path]) => isMade(path))])
      const before = { files: work.stage.files, datasets }
      const stage = await restage(repository, session, before, edits, made)
      const from = await diskTree(repository, transaction, known, paths)
      const formats = new Map([...work.formats].filter(([path]) => !isMade(path)))
      const move = { from, to: stage.files }
      await moveWorkingTree(repository, transaction, known, move, { force: true }, async (moved) =>
        transaction.publish({
          work: afterMove({ ...work, stage, formats }, moved),
          ...(refs !== undefined && { refs }),
        }),
      )
    }),
  )
}

/** Stores everything that lies at `paths`, and returns the staged files with it. */
async function diskTree(
  repository: Repository,
  { session, state }: Transaction,
  known: KeptBlobs,
  paths: readonly string[],
): Promise<TreeRef> {
  const { files } = state.work.stage
  const context: CompareContext = {
    root: repository.folder,
    reader: session,
    known,
    isIgnored: isNeverTracked,
    signal: repository.environment.signal,
    ...(repository.isPartial && { onAbsent: () => {} }),
  }
  const there: string[] = []
  for (const path of paths)
    if (
      statPath(repository.folder, path) !== undefined ||
      (await getEntry(session, files, encodePath(path))) !== undefined ||
      (await hasFilesBelow(session, files, path))
    )
      there.push(path)
  const staged = stagedFiles(session, files)
  await storeFiles(repository, session, known, scanPaths(files, there, context), staged)
  return editTree(session, files, staged.edits())
}
