import {
  type CommitReader,
  decodeCommit,
  isAncestor,
  merge,
  type Repository,
  switchTo,
} from '@dsv/core'
import type { ObjectId } from '@dsv/store'
import { gitLinkUnsafe } from '../errors.ts'

/** What {@link followGitLink} did; `branch` is without `refs/heads/`. */
export type FollowedLink =
  | { readonly type: 'up-to-date' }
  /** HEAD went to the one branch that was at the commit already. */
  | { readonly type: 'branch'; readonly branch: string }
  /** The branch that HEAD is on moved forward to the commit. */
  | { readonly type: 'fast-forward'; readonly branch: string }
  /** HEAD is at the commit, on no branch; `left` is the branch it was on, which stays where it is. */
  | { readonly type: 'detached'; readonly left: string | undefined }

/**
 * Takes HEAD and the working tree to the commit of a link, which is here. A branch that is there
 * already is the one to be on; else the present one goes along where it can simply move forward, and stays as
 * it is where not, with its commits. Changes that are not committed go along
 * where the commit does not touch them.
 *
 * @throws `DSV_GIT_LINK_UNSAFE` when HEAD is on a commit that only HEAD leads to,
 *   `DSV_CHECKOUT_WOULD_OVERWRITE`, `DSV_STAGE_NOT_CLEAN`, `DSV_MERGE_PENDING`
 */
export async function followGitLink(
  repository: Repository,
  commitId: ObjectId,
): Promise<FollowedLink> {
  const { head, headCommit, refs } = await repository.state()
  if (headCommit === commitId) return { type: 'up-to-date' }
  const commits = commitsOf(repository)
  const isForward = headCommit === undefined || (await isAncestor(commits, headCommit, commitId))
  const isLeft = head.type === 'detached' && headCommit !== undefined && !isForward
  if (isLeft && !(await isNamed(commits, headCommit, refs)))
    throw gitLinkUnsafe(headCommit, commitId)
  const [there, ...others] = [...refs].filter(
    ([name, id]) => name.startsWith(HEADS) && id === commitId,
  )
  if (there !== undefined && others.length === 0) {
    const branch = branchName(there[0])
    await switchTo(repository, { target: branch })
    return { type: 'branch', branch }
  }
  if (head.type === 'branch' && isForward) {
    await merge(repository, { revision: commitId, ffOnly: true })
    return { type: 'fast-forward', branch: branchName(head.name) }
  }
  await switchTo(repository, { target: commitId, detach: true })
  return { type: 'detached', left: head.type === 'branch' ? branchName(head.name) : undefined }
}

/** What {@link mergeLinkedCommits} came to. */
export type LinkedMerge =
  | { readonly type: 'merged'; readonly commitId: ObjectId; readonly isNew: boolean }
  /** The merge waits in the repository for `resolve`. */
  | { readonly type: 'conflicts'; readonly conflicts: number }

/**
 * Brings the commits of two links together, which are here: one of them where it holds the other, else a
 * merge, which is made on one of the two, where HEAD must be.
 *
 * @throws `DSV_GIT_LINK_UNSAFE` when HEAD is elsewhere, `DSV_STAGE_NOT_CLEAN`, `DSV_MERGE_PENDING`,
 *   `DSV_CHECKOUT_WOULD_OVERWRITE`
 */
export async function mergeLinkedCommits(
  repository: Repository,
  ours: ObjectId,
  theirs: ObjectId,
): Promise<LinkedMerge> {
  const commits = commitsOf(repository)
  if (await isAncestor(commits, ours, theirs))
    return { type: 'merged', commitId: theirs, isNew: false }
  if (await isAncestor(commits, theirs, ours))
    return { type: 'merged', commitId: ours, isNew: false }
  const { headCommit } = await repository.state()
  // Another link of the same commits was merged a moment ago.
  if (headCommit !== undefined && (await joins(commits, headCommit, [ours, theirs])))
    return { type: 'merged', commitId: headCommit, isNew: false }
  if (headCommit !== ours && headCommit !== theirs) throw gitLinkUnsafe(headCommit, ours)
  const other = headCommit === ours ? theirs : ours
  const { commitId, conflicts } = await merge(repository, {
    revision: other,
    message: `Merge ${other.slice(0, 12)}, for Git`,
  })
  if (commitId === undefined) return { type: 'conflicts', conflicts: conflicts.length }
  return { type: 'merged', commitId, isNew: true }
}

const HEADS = 'refs/heads/'

function branchName(ref: string): string {
  return ref.slice(HEADS.length)
}

async function joins(
  commits: CommitReader,
  commitId: ObjectId,
  parents: readonly ObjectId[],
): Promise<boolean> {
  const commit = await commits.commit(commitId)
  return commit.parents.length === 2 && parents.every((id) => commit.parents.includes(id))
}

/** Returns whether a branch or tag leads to a commit. */
async function isNamed(
  commits: CommitReader,
  commitId: ObjectId,
  refs: ReadonlyMap<string, ObjectId>,
): Promise<boolean> {
  for (const [name, tip] of refs) {
    if (tip === commitId) return true
    // A tag with a message is no commit; its commit is mostly on a branch too.
    if (!name.startsWith(HEADS) && !name.startsWith('refs/remotes/')) continue
    if (await isAncestor(commits, commitId, tip)) return true
  }
  return false
}

function commitsOf({ store }: Repository): CommitReader {
  return { commit: async (id) => decodeCommit(await store.objects.getObject('commit', id)) }
}
