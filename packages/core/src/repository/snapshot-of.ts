import { EMPTY_TREE, type ObjectId } from '@dsv/store'
import type { Snapshot } from '../record/commit-record.ts'
import type { Repository } from './repository.ts'

/** The snapshot before the first commit. */
export const EMPTY_SNAPSHOT: Snapshot = { files: EMPTY_TREE, datasets: new Map() }

/** Returns the snapshot of a commit; no commit is an empty one. */
export async function snapshotOf(
  repository: Repository,
  commitId: ObjectId | undefined,
): Promise<Snapshot> {
  if (commitId === undefined) return EMPTY_SNAPSHOT
  const { files, datasets } = await repository.commit(commitId)
  return { files, datasets }
}
