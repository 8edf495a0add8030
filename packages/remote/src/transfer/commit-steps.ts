import { type Repository, walkCommits } from '@dsv/core'
import type { ObjectId } from '@dsv/store'
import type { CommitStep } from './copy-commits.ts'
import { commitsOfBoth, peeled, type RemoteRepository } from './remote-repository.ts'

/**
 * Lists the commits that `wanted` need and `known` do not, parents first. Both may be commits and tags
 * of either side.
 */
export async function commitSteps(
  local: Repository,
  remote: RemoteRepository,
  wanted: readonly ObjectId[],
  known: readonly ObjectId[],
): Promise<readonly CommitStep[]> {
  const readers = [local.store.objects, remote.store.objects]
  const peel = async (ids: readonly ObjectId[]): Promise<readonly ObjectId[]> => {
    const commits = new Set<ObjectId>()
    for (const id of new Set(ids)) {
      const commitId = await peeled(id, readers)
      if (commitId !== undefined) commits.add(commitId)
    }
    return [...commits]
  }
  const steps: CommitStep[] = []
  const walk = walkCommits(commitsOfBoth(local, remote), await peel(wanted), {
    exclude: await peel(known),
  })
  for await (const { commitId, commit } of walk) {
    local.environment.signal.throwIfAborted()
    steps.push({ commitId, parents: commit.parents })
  }
  return steps.toReversed()
}
