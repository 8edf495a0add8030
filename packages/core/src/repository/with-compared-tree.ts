import { getEntry } from '@dsv/store'
import { settleWorkingTree } from '../checkout/move-working-tree.ts'
import { comparePaths } from '../record/compare-paths.ts'
import { decodeFile, encodePath } from '../record/file-record.ts'
import {
  type CompareContext,
  compareWorkingTree,
  isLeftOut,
  isUnchanged,
  type WorkingChange,
} from '../working-tree/compare-working-tree.ts'
import type { ComparedTree } from '../working-tree/content-id.ts'
import { readIgnoreRules } from '../working-tree/ignore-rules.ts'
import { type KeptBlobs, withKnownBlobs } from '../working-tree/known-blobs.ts'
import { obstacles } from '../working-tree/obstacles.ts'
import { statEntry } from '../working-tree/walk-working-tree.ts'
import type { Repository, RepositoryState } from './repository.ts'

/** The working tree, compared with the stage. */
export interface ComparedStage extends ComparedTree {
  readonly state: RepositoryState
}

/**
 * Compares the working tree with the stage, hands both to `work`, and keeps what was hashed.
 *
 * @param paths - What is compared: files and folders, which need not exist; all of it by default
 */
export async function withComparedTree<Result>(
  repository: Repository,
  work: (compared: ComparedStage) => Promise<Result>,
  paths?: readonly string[],
): Promise<Result> {
  return withKnownBlobs(repository, async (known) => {
    await settleWorkingTree(repository, known)
    const state = await repository.state()
    const changes: WorkingChange[] = []
    for await (const change of changesAt(repository, state, known, paths)) {
      // The cache agrees with the stage only when it knows nothing of what differs.
      known.forget(change.path)
      changes.push(change)
    }
    const { files } = state.work.stage
    if (paths === undefined) known.agree(files)
    return work({
      root: repository.folder,
      reader: repository.store.objects,
      files,
      changes: paths === undefined ? changes : sortedOnce(changes),
      known,
      state,
    })
  })
}

async function* changesAt(
  repository: Repository,
  { work: { stage } }: RepositoryState,
  known: KeptBlobs,
  paths: readonly string[] | undefined,
): AsyncGenerator<WorkingChange> {
  const context: CompareContext = {
    root: repository.folder,
    reader: repository.store.objects,
    known,
    isIgnored: readIgnoreRules(repository.folder),
    signal: repository.environment.signal,
    ...(repository.isPartial && { onAbsent: () => {} }),
  }
  if (paths === undefined) {
    yield* compareWorkingTree(stage.files, '', context)
    return
  }
  const obstacle = obstacles(repository.folder)
  for (const path of paths) {
    const tracked = await getEntry(context.reader, stage.files, encodePath(path))
    const before = tracked && decodeFile(tracked)
    const entry = obstacle(path) === undefined ? statEntry(repository.folder, path) : undefined
    if (before !== undefined) {
      const isSame =
        entry === undefined ? isLeftOut(path, before, context) : isUnchanged(entry, before, context)
      if (!isSame) yield { path, entry, before }
    } else if (entry !== undefined) yield { path, entry, before }
    yield* compareWorkingTree(stage.files, path, context)
  }
}

/** Paths may lie in one another. */
function sortedOnce(changes: readonly WorkingChange[]): readonly WorkingChange[] {
  const sorted = changes.toSorted((a, b) => comparePaths(a.path, b.path))
  return sorted.filter(({ path }, at) => path !== sorted[at - 1]?.path)
}
