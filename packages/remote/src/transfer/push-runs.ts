import {
  type Commit,
  encodeCommit,
  isAncestor,
  isDsvError,
  type Repository,
  RUNS_REF,
  signature,
} from '@dsv/core'
import { EMPTY_TREE, type ObjectId } from '@dsv/store'
import type { TransferCount } from './copy-commits.ts'
import { fetch } from './fetch.ts'
import { push } from './push.ts'
import { commitsOfBoth, type RemoteRepository } from './remote-repository.ts'

/** How often another push may be faster. */
const ATTEMPTS = 3

/**
 * Gives a remote the runs of pipeline stages that it does not have; runs that others have pushed stay. Returns what
 * went over; undefined when nothing had to. A partial clone keeps its runs to itself.
 */
export async function pushRuns(
  local: Repository,
  opened: RemoteRepository,
): Promise<TransferCount | undefined> {
  if (local.isPartial || !(await local.state()).refs.has(RUNS_REF)) return undefined
  for (let attempt = 1; ; attempt += 1) {
    const remote = { ...opened, root: await opened.store.readRoot() }
    const to = await runsToPush(local, remote)
    if (to === undefined) return undefined
    try {
      return (await push(local, remote, [{ name: RUNS_REF, to }])).count
    } catch (error) {
      if (attempt === ATTEMPTS || !isDsvError(error, 'DSV_PUSH_REJECTED')) throw error
    }
  }
}

async function runsToPush(
  local: Repository,
  remote: RemoteRepository,
): Promise<ObjectId | undefined> {
  const ours = (await local.state()).refs.get(RUNS_REF)
  const theirs = remote.root.refs.get(RUNS_REF)
  if (ours === undefined || ours === theirs) return undefined
  if (theirs === undefined) return ours
  const commits = commitsOfBoth(local, remote)
  if (await isAncestor(commits, ours, theirs)) return undefined
  if (await isAncestor(commits, theirs, ours)) return ours
  await fetch(local, remote, { branches: [] })
  return joinRuns(local, theirs)
}

/** Makes one chain of two. */
async function joinRuns(local: Repository, theirs: ObjectId): Promise<ObjectId> {
  return local.write('join runs', async ({ session, state, publish }) => {
    const ours = state.refs.get(RUNS_REF)
    const { now, user } = local.environment
    const author = signature(user, now())
    const commit: Commit = {
      files: EMPTY_TREE,
      datasets: new Map(),
      parents: ours === undefined ? [theirs] : [ours, theirs],
      author,
      committer: author,
      message: 'join runs\n',
      extra: {},
    }
    const id = await session.putObject('commit', encodeCommit(commit))
    await publish({ refs: new Map([[RUNS_REF, id]]) })
    return id
  })
}
