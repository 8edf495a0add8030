import type { ObjectId } from '@dsv/store'
import type { Commit } from '../record/commit-record.ts'
import type { WalkedCommit } from './walk-commits.ts'

/** Which commits of a walk are wanted; all that is given has to hold. */
export interface LogFilter<What> {
  /** Part of `name <email>` of the author, in any case. */
  readonly author?: string
  /** Part of `name <email>` of the committer, in any case. */
  readonly committer?: string
  /** Part of the message, in any case. */
  readonly message?: string
  /** Committer time at least, in seconds since 1970 UTC. */
  readonly since?: number
  /** Committer time at most, in seconds since 1970 UTC. */
  readonly until?: number
  /** Only commits that changed one of these (paths, items, …); none means all commits. */
  readonly changed?: readonly What[]
  /** Default: merges too. */
  readonly merges?: boolean
  /** At most this many, after `skip`. */
  readonly limit?: number
  /** This many are left out first. */
  readonly skip?: number
}

/** Tells whether a commit differs from a parent in `what`; an undefined parent has nothing. */
export type ChangedSince<What> = (
  commitId: ObjectId,
  parentId: ObjectId | undefined,
  what: What,
) => Promise<boolean>

/**
 * Passes on the commits of a walk that a filter lets through, in their order. A merge has changed
 * something when it differs in it from every parent: what it took from one side is found there.
 *
 * @yields each wanted commit
 */
export async function* filterLog<What>(
  walk: AsyncIterable<WalkedCommit>,
  filter: LogFilter<What>,
  changedSince: ChangedSince<What>,
): AsyncGenerator<WalkedCommit, void, undefined> {
  const { skip = 0, limit = Number.POSITIVE_INFINITY, changed = [] } = filter
  let found = 0
  if (limit <= 0) return
  for await (const walked of walk) {
    if (!isDescribed(walked.commit, filter)) continue
    if (changed.length > 0 && !(await hasChanged(walked, changed, changedSince))) continue
    found += 1
    if (found <= skip) continue
    yield walked
    if (found - skip >= limit) return
  }
}

function isDescribed(commit: Commit, filter: LogFilter<unknown>): boolean {
  const { timeSeconds } = commit.committer
  if (filter.since !== undefined && timeSeconds < filter.since) return false
  if (filter.until !== undefined && timeSeconds > filter.until) return false
  if (filter.merges === false && commit.parents.length > 1) return false
  return (
    holds(`${commit.author.name} <${commit.author.email}>`, filter.author) &&
    holds(`${commit.committer.name} <${commit.committer.email}>`, filter.committer) &&
    holds(commit.message, filter.message)
  )
}

function holds(text: string, part: string | undefined): boolean {
  return part === undefined || text.toLowerCase().includes(part.toLowerCase())
}

async function hasChanged<What>(
  { commitId, commit }: WalkedCommit,
  changed: readonly What[],
  changedSince: ChangedSince<What>,
): Promise<boolean> {
  const parents = commit.parents.length === 0 ? [undefined] : commit.parents
  for (const parentId of parents) {
    if (!(await differs(commitId, parentId, changed, changedSince))) return false
  }
  return true
}

async function differs<What>(
  commitId: ObjectId,
  parentId: ObjectId | undefined,
  changed: readonly What[],
  changedSince: ChangedSince<What>,
): Promise<boolean> {
  for (const what of changed) if (await changedSince(commitId, parentId, what)) return true
  return false
}
