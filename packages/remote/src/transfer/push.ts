import { isAncestor, operationInfo, type Repository } from '@dsv/core'
import { type AnyId, isDsvError, type ObjectId, type RefChange } from '@dsv/store'
import { type PushProblem, pushRejected } from '../errors.ts'
import { bothSources } from './both-sources.ts'
import { commitSteps } from './commit-steps.ts'
import {
  missingOfCommits,
  planTransfer,
  type TransferContext,
  type TransferCount,
} from './copy-commits.ts'
import { copyInSteps } from './copy-in-steps.ts'
import { expectedRequests, packBytesOf } from './expected-requests.ts'
import { commitsOfBoth, keepFragments, peeled, type RemoteRepository } from './remote-repository.ts'
import { storeSource } from './store-source.ts'

/** A ref over there, and what it shall be. */
export interface RefToPush {
  /** Full name over there. */
  readonly name: string
  /** The commit or tag; undefined deletes the ref. */
  readonly to: ObjectId | undefined
  /** Whether it may lose commits. */
  readonly force?: boolean
  /** With `force`: what it must be now, null for no such ref; absent for whatever it is. */
  readonly lease?: ObjectId | null
}

/** What became of one ref, or would. */
export interface PushedRef {
  readonly name: string
  readonly from: ObjectId | undefined
  readonly to: ObjectId | undefined
  readonly type: 'up-to-date' | 'new' | 'forward' | 'forced' | 'deleted'
}

/** What a push did, or would do. */
export interface PushOutcome {
  readonly refs: readonly PushedRef[]
  readonly count: TransferCount
  /**
   * Requests to the storage, also those for finding out; undefined for a folder. Of a dry run, about as
   * many as the push would take.
   */
  readonly requests: number | undefined
}

/**
 * Makes refs of a remote what is wanted, all or none, after what they need has been brought over. A dry
 * run only finds out what would be done.
 *
 * @throws `DSV_PUSH_REJECTED` when a branch would lose commits, a tag would change, or somebody was
 *   faster; and what the storage throws
 */
export async function push(
  local: Repository,
  remote: RemoteRepository,
  refs: readonly RefToPush[],
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<PushOutcome> {
  keepFragments(local, remote)
  const pushed = await judgeRefs(local, remote, refs)
  const changes = pushed.filter(({ type }) => type !== 'up-to-date')
  const count = await bringOver(local, remote, changes, dryRun)
  const used = remote.ahead?.traffic.requests
  const isWork = dryRun && changes.length > 0
  const coming = isWork ? expectedRequests(count, packBytesOf(remote.store)) : 0
  return { refs: pushed, count, requests: used === undefined ? undefined : used + coming }
}

async function bringOver(
  local: Repository,
  remote: RemoteRepository,
  changes: readonly PushedRef[],
  dryRun: boolean,
): Promise<TransferCount> {
  const wanted = changes.flatMap(({ to }) => to ?? [])
  const { objects } = local.store
  const steps = await commitSteps(local, remote, wanted, [...remote.root.refs.values()])
  const near = { reader: objects, driver: local.store.driver }
  const far = { reader: remote.store.objects, driver: remote.driver }
  const context: TransferContext = {
    source: storeSource(objects, local.store.driver),
    reader: objects,
    ahead: undefined,
    known: bothSources(near, far),
    signal: local.environment.signal,
    onProgress: local.environment.onProgress,
    ...(local.isPartial && { bring: async (ids) => objects.bring(ids) }),
  }
  const packBelowBytes = remote.store.settings.packBelowBytes || remote.driver.packBelowBytes
  // The indexes know all packs: only for a blob that would lie alone the storage is asked.
  const isThere = async (id: AnyId, sizeBytes: number): Promise<boolean> =>
    sizeBytes < packBelowBytes
      ? (await remote.store.objects.locatePacked(id)) !== undefined
      : remote.store.objects.has(id)
  if (changes.length === 0 || dryRun)
    return planTransfer(missingOfCommits(steps, context), { isThere }, context)
  const info = operationInfo(
    local.environment,
    `push: ${changes.map(({ name }) => name).join(', ')}`,
  )
  try {
    return await remote.store.write(info, async (session) => {
      const plan = await planTransfer(
        missingOfCommits(steps, context),
        { isThere, session },
        context,
      )
      for (const id of wanted) await copyTag(local, session, id)
      await copyInSteps(plan, session, context, { store: remote.store, info })
      await session.publish(() => ({ refs: changes.map(asRefChange) }))
      return plan
    })
  } catch (error) {
    if (!isDsvError(error, 'DSV_REF_MOVED')) throw error
    throw pushRejected(
      remote.name,
      [{ name: String(error.details['name']), reason: 'moved' }],
      error,
    )
  }
}

function asRefChange({ name, from, to }: PushedRef): RefChange {
  return { name, from, to }
}

async function copyTag(
  local: Repository,
  session: Parameters<Parameters<RemoteRepository['store']['write']>[1]>[0],
  id: ObjectId,
): Promise<void> {
  const { objects } = local.store
  if ((await objects.info(id))?.kind === 'tag')
    await session.putObject('tag', await objects.getObject('tag', id))
}

/** Says what becomes of each ref. @throws `DSV_PUSH_REJECTED` */
async function judgeRefs(
  local: Repository,
  remote: RemoteRepository,
  refs: readonly RefToPush[],
): Promise<readonly PushedRef[]> {
  const pushed: PushedRef[] = []
  const problems: PushProblem[] = []
  for (const ref of refs) {
    const from = remote.root.refs.get(ref.name)
    const judged = await judge(local, remote, ref, from)
    if (isProblem(judged)) problems.push({ name: ref.name, reason: judged })
    else pushed.push({ name: ref.name, from, to: ref.to, type: judged })
  }
  if (problems.length > 0) throw pushRejected(remote.name, problems)
  return pushed
}

function isProblem(
  judged: PushedRef['type'] | PushProblem['reason'],
): judged is PushProblem['reason'] {
  return ['behind', 'moved', 'tag', 'checked-out'].includes(judged)
}

async function judge(
  local: Repository,
  remote: RemoteRepository,
  { name, to, force = false, lease }: RefToPush,
  from: ObjectId | undefined,
): Promise<PushedRef['type'] | PushProblem['reason']> {
  if (lease !== undefined && (lease ?? undefined) !== from) return 'moved'
  if (from === to) return 'up-to-date'
  const { head } = remote.root
  if (head?.type === 'branch' && head.name === name && from !== undefined) return 'checked-out'
  if (to === undefined) return 'deleted'
  if (from === undefined) return 'new'
  if (force) return (await isForward(local, remote, from, to)) ? 'forward' : 'forced'
  if (name.startsWith('refs/tags/')) return 'tag'
  return (await isForward(local, remote, from, to)) ? 'forward' : 'behind'
}

async function isForward(
  local: Repository,
  remote: RemoteRepository,
  from: ObjectId,
  to: ObjectId,
): Promise<boolean> {
  const readers = [local.store.objects, remote.store.objects]
  const [old, fresh] = [await peeled(from, readers), await peeled(to, readers)]
  if (old === undefined || fresh === undefined) return false
  return isAncestor(commitsOfBoth(local, remote), old, fresh)
}
