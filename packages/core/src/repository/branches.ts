import { checkRefName, type ObjectId } from '@dsv/store'
import { branchCheckedOut, branchExists, branchNotMerged, branchUnknown } from '../errors.ts'
import { isAncestor } from '../history/merge-base.ts'
import type { Repository } from './repository.ts'
import { repositoryCommits, resolveCommit } from './revisions.ts'

const PREFIX = 'refs/heads/'

/** A branch. */
export interface Branch {
  readonly name: string
  readonly commitId: ObjectId
  /** Whether HEAD is on it. */
  readonly isCurrent: boolean
}

/** Returns the branches, sorted by name. */
export async function branches(repository: Repository): Promise<readonly Branch[]> {
  const { refs, head } = await repository.state()
  return [...refs]
    .filter(([ref]) => ref.startsWith(PREFIX))
    .map(([ref, commitId]) => ({
      name: ref.slice(PREFIX.length),
      commitId,
      isCurrent: head.type === 'branch' && head.name === ref,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Makes a branch at a revision (default HEAD); `force` moves one that is there.
 *
 * @throws `DSV_BRANCH_EXISTS`, `DSV_BRANCH_CHECKED_OUT`, `DSV_REF_NAME_INVALID`, `DSV_REVISION_UNKNOWN`
 */
export async function createBranch(
  repository: Repository,
  name: string,
  { start = 'HEAD', force = false }: { readonly start?: string; readonly force?: boolean } = {},
): Promise<ObjectId> {
  const ref = `${PREFIX}${name}`
  checkRefName(ref)
  const commitId = await resolveCommit(repository, start)
  return repository.write(`branch ${name}`, async ({ state, publish }) => {
    if (state.refs.has(ref)) {
      if (!force) throw branchExists(name)
      if (state.head.type === 'branch' && state.head.name === ref) throw branchCheckedOut(name)
    }
    await publish({ refs: new Map([[ref, commitId]]) })
    return commitId
  })
}

/**
 * Deletes a branch whose commits HEAD has too; `force` deletes any. Its commits stay reachable through
 * the operation log for a while. Returns the commit that it named.
 *
 * @throws `DSV_BRANCH_UNKNOWN`, `DSV_BRANCH_CHECKED_OUT`, `DSV_BRANCH_NOT_MERGED`
 */
export async function deleteBranch(
  repository: Repository,
  name: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<ObjectId> {
  const ref = `${PREFIX}${name}`
  return repository.write(`delete branch ${name}`, async ({ state, publish }) => {
    const commitId = state.refs.get(ref)
    if (commitId === undefined) throw branchUnknown(name, state.refs)
    if (state.head.type === 'branch' && state.head.name === ref) throw branchCheckedOut(name)
    if (!force) {
      const { headCommit } = state
      const isMerged =
        headCommit !== undefined &&
        (await isAncestor(repositoryCommits(repository), commitId, headCommit))
      if (!isMerged) throw branchNotMerged(name)
    }
    await publish({ refs: new Map([[ref, undefined]]) })
    return commitId
  })
}

/**
 * Renames a branch; HEAD follows when it is on it.
 *
 * @throws `DSV_BRANCH_UNKNOWN`, `DSV_BRANCH_EXISTS`, `DSV_REF_NAME_INVALID`
 */
export async function renameBranch(
  repository: Repository,
  from: string,
  to: string,
): Promise<void> {
  const [old, renamed] = [`${PREFIX}${from}`, `${PREFIX}${to}`]
  checkRefName(renamed)
  await repository.write(`rename branch ${from} to ${to}`, async ({ state, publish }) => {
    const commitId = state.refs.get(old)
    const isCurrent = state.head.type === 'branch' && state.head.name === old
    if (commitId === undefined && !isCurrent) throw branchUnknown(from, state.refs)
    if (state.refs.has(renamed)) throw branchExists(to)
    await publish({
      ...(commitId !== undefined && {
        refs: new Map([
          [old, undefined],
          [renamed, commitId],
        ]),
      }),
      ...(isCurrent && { head: { type: 'branch', name: renamed } }),
    })
  })
}
