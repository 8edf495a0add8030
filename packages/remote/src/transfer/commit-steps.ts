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
  const peel = async (ids: readonly ObjectId[]): Promise<readonly ObjectId[]> =>
    peelAll(local, remote, ids)
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

/**
 * Lists the commits that are at most so many steps from `wanted`, these included, and that are not stored
 * here; those that are further away come first.
 *
 * @param depth - 1 for the wanted ones alone, Infinity for all
 */
export async function shallowSteps(
  local: Repository,
  remote: RemoteRepository,
  wanted: readonly ObjectId[],
  depth: number,
): Promise<readonly CommitStep[]> {
  const { commit: read } = commitsOfBoth(local, remote)
  const seen = new Set<ObjectId>()
  const steps: CommitStep[] = []
  let level = await peelAll(local, remote, wanted)
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    const next: ObjectId[] = []
    for (const commitId of level) {
      local.environment.signal.throwIfAborted()
      if (seen.has(commitId)) continue
      seen.add(commitId)
      const { parents } = await read(commitId)
      if (!(await local.store.objects.has(commitId))) steps.push({ commitId, parents })
      next.push(...parents)
    }
    level = next
  }
  return steps.toReversed()
}

/** Returns the commits that commits and tags of either side name. */
async function peelAll(
  local: Repository,
  remote: RemoteRepository,
  ids: readonly ObjectId[],
): Promise<readonly ObjectId[]> {
  const readers = [local.store.objects, remote.store.objects]
  const commits = new Set<ObjectId>()
  for (const id of new Set(ids)) {
    const commitId = await peeled(id, readers)
    if (commitId !== undefined) commits.add(commitId)
  }
  return [...commits]
}
