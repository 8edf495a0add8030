import {
  isAllMedia,
  localConfigFile,
  operationInfo,
  readPartialClone,
  remoteRunsRef,
  type Repository,
  RUNS_REF,
} from '@dsv/core'
import { type AnyId, isDsvError, type ObjectId, type RefChange } from '@dsv/store'
import { remotePartial } from '../errors.ts'
import { bothSources } from './both-sources.ts'
import { commitSteps, shallowSteps } from './commit-steps.ts'
import {
  type CommitStep,
  missingOfCommits,
  planTransfer,
  type TransferContext,
  type TransferCount,
} from './copy-commits.ts'
import { copyInSteps } from './copy-in-steps.ts'
import type { MissingObject } from './missing-objects.ts'
import { keepFragments, peeled, type RemoteRepository } from './remote-repository.ts'
import { sessionReader, storeSource } from './store-source.ts'
import { withoutMedia } from './without-media.ts'

/** What to fetch. */
export interface FetchRequest {
  /** Names of branches over there; all by default. */
  readonly branches?: readonly string[]
  /** Full names of refs over there, to be brought under the same names; then nothing else is. */
  readonly refs?: readonly string[]
  /** Deletes what is kept of branches that are gone over there. */
  readonly prune?: boolean
  /** Only finds out what would be done. */
  readonly dryRun?: boolean
  /**
   * How many commits of each branch a partial clone shall have at least, Infinity for all; without it
   * what is new. With it tags come only for commits that are here.
   */
  readonly depth?: number
}

/** A ref here that follows one over there. */
export interface FetchedRef {
  readonly name: string
  readonly from: ObjectId | undefined
  readonly to: ObjectId | undefined
  /** A tag that means something else here stays as it is. */
  readonly type: 'up-to-date' | 'new' | 'moved' | 'deleted' | 'kept'
}

/** What a fetch did, or would do. */
export interface FetchOutcome {
  readonly refs: readonly FetchedRef[]
  readonly count: TransferCount
  /** Requests to the storage, also those for finding out; undefined for a folder. */
  readonly requests: number | undefined
}

const HEADS = 'refs/heads/'
const TAGS = 'refs/tags/'

/**
 * Brings over what branches and tags of a remote need that is not here, and notes where they are, as
 * `refs/remotes/<name>/…`. Nothing that is here changes. A partial clone whose filter does not choose all
 * media leaves all of them where they are.
 *
 * @throws `DSV_REF_MOVED` when another fetch was faster, `DSV_REMOTE_PARTIAL`, and what the storage throws
 */
export async function fetch(
  local: Repository,
  remote: RemoteRepository,
  request: FetchRequest = {},
): Promise<FetchOutcome> {
  try {
    return await fetchRefs(local, remote, request)
  } catch (error) {
    const isLeftOut =
      isDsvError(error, 'DSV_OBJECT_NOT_FOUND') && remote.store.settings.partial === 1
    throw isLeftOut ? remotePartial(remote.name, error) : error
  }
}

async function fetchRefs(
  local: Repository,
  remote: RemoteRepository,
  request: FetchRequest,
): Promise<FetchOutcome> {
  keepFragments(local, remote)
  const { refs: here } = await local.state()
  const fetched = [...refsToFetch(here, remote, request, local.isPartial)]
  const steps = await stepsOf(local, remote, fetched, here, request.depth)
  const refs = local.isPartial ? await reachedRefs(local, remote, fetched, steps) : fetched
  const changes = refs.filter(({ type }) => type !== 'up-to-date' && type !== 'kept')
  const dryRun = request.dryRun === true
  const count = await bringHere(local, remote, { changes, steps, dryRun })
  return { refs, count, requests: remote.ahead?.traffic.requests }
}

/** A partial clone does not walk back beyond where it ends unless it is told to. */
async function stepsOf(
  local: Repository,
  remote: RemoteRepository,
  fetched: readonly FetchedRef[],
  here: ReadonlyMap<string, ObjectId>,
  depth: number | undefined,
): Promise<readonly CommitStep[]> {
  const tips = (refs: readonly FetchedRef[]): readonly ObjectId[] =>
    refs.flatMap(({ to }) => to ?? [])
  const branches = fetched.filter(({ name }) => !name.startsWith(TAGS))
  if (depth !== undefined) return shallowSteps(local, remote, tips(branches), depth)
  const isNew = ({ type }: FetchedRef): boolean => type === 'new' || type === 'moved'
  const steps = await commitSteps(local, remote, tips(fetched.filter(isNew)), [...here.values()])
  if (!local.isPartial) return steps
  // A branch may stand at a commit that is older than what is here.
  const found = new Set(steps.map(({ commitId }) => commitId))
  const old = await shallowSteps(local, remote, tips(branches.filter(isNew)), 1)
  return [...old.filter(({ commitId }) => !found.has(commitId)), ...steps]
}

/** Tags of commits that are not here and do not come are left out. */
async function reachedRefs(
  local: Repository,
  remote: RemoteRepository,
  fetched: readonly FetchedRef[],
  steps: readonly CommitStep[],
): Promise<readonly FetchedRef[]> {
  const coming = new Set(steps.map(({ commitId }) => commitId))
  const reached: FetchedRef[] = []
  for (const ref of fetched) {
    const isTag = ref.name.startsWith(TAGS) && ref.type === 'new' && ref.to !== undefined
    const target = isTag && ref.to ? await peeled(ref.to, [remote.store.objects]) : undefined
    const isHere =
      target === undefined || coming.has(target) || (await local.store.objects.has(target))
    if (isHere) reached.push(ref)
  }
  return reached
}

function* refsToFetch(
  here: ReadonlyMap<string, ObjectId>,
  remote: RemoteRepository,
  { branches, refs: named, prune = false }: FetchRequest,
  isPartial: boolean,
): Generator<FetchedRef> {
  if (named !== undefined) {
    for (const name of named) {
      const to = remote.root.refs.get(name)
      const from = here.get(name)
      if (to !== undefined) yield { name, from, to, type: typeOf(from, to) }
    }
    return
  }
  const prefix = `refs/remotes/${remote.name}/`
  for (const [name, to] of remote.root.refs) {
    if (name.startsWith(TAGS) && branches === undefined) yield tagToFetch(name, here.get(name), to)
    if (name === RUNS_REF && !isPartial) {
      const own = remoteRunsRef(remote.name)
      const from = here.get(own)
      yield { name: own, from, to, type: typeOf(from, to) }
    }
    if (!name.startsWith(HEADS)) continue
    const branch = name.slice(HEADS.length)
    if (branches?.includes(branch) === false) continue
    const from = here.get(prefix + branch)
    yield { name: prefix + branch, from, to, type: typeOf(from, to) }
  }
  if (!prune) return
  for (const [name, from] of here) {
    if (!name.startsWith(prefix)) continue
    if (remote.root.refs.has(HEADS + name.slice(prefix.length))) continue
    yield { name, from, to: undefined, type: 'deleted' }
  }
}

function typeOf(from: ObjectId | undefined, to: ObjectId): 'up-to-date' | 'new' | 'moved' {
  return from === to ? 'up-to-date' : from === undefined ? 'new' : 'moved'
}

function tagToFetch(name: string, from: ObjectId | undefined, to: ObjectId): FetchedRef {
  if (from === undefined) return { name, from, to, type: 'new' }
  return from === to
    ? { name, from, to, type: 'up-to-date' }
    : { name, from, to: from, type: 'kept' }
}

interface Fetching {
  readonly changes: readonly FetchedRef[]
  readonly steps: readonly CommitStep[]
  readonly dryRun: boolean
}

async function bringHere(
  local: Repository,
  remote: RemoteRepository,
  { changes, steps, dryRun }: Fetching,
): Promise<TransferCount> {
  const { environment, store } = local
  const wanted = changes.flatMap(({ to }) => to ?? [])
  const leavesMedia =
    local.isPartial && !isAllMedia(readPartialClone(localConfigFile(local.folder)))
  const missingWith = (context: TransferContext): AsyncIterable<MissingObject> => {
    const missing = missingOfCommits(steps, context)
    return leavesMedia ? withoutMedia(missing) : missing
  }
  const { objects } = remote.store
  const common = {
    source: storeSource(objects, remote.driver),
    reader: objects,
    ahead: remote.ahead,
    signal: environment.signal,
    onProgress: environment.onProgress,
  }
  if (dryRun || (changes.length === 0 && steps.length === 0)) {
    const near = { reader: store.objects, driver: store.driver }
    const coming = new Set(steps.map(({ commitId }) => commitId))
    const context: TransferContext = {
      ...common,
      known: bothSources(near, { reader: objects, driver: remote.driver }),
      isKnown: async (id) => coming.has(id) || store.objects.has(id),
    }
    const isThere = async (id: AnyId): Promise<boolean> => store.objects.has(id)
    return planTransfer(missingWith(context), { isThere }, context)
  }
  const info = operationInfo(environment, `fetch: ${remote.name}`)
  return store.write(info, async (session) => {
    // Commits that came a moment ago are known too.
    const context: TransferContext = {
      ...common,
      known: storeSource(sessionReader(session, store.objects), store.driver),
      ...(local.isPartial && { isKnown: async (id) => session.has(id) }),
    }
    const isThere = async (id: AnyId): Promise<boolean> => session.has(id)
    const plan = await planTransfer(missingWith(context), { isThere, session }, context)
    for (const id of wanted)
      if ((await objects.info(id))?.kind === 'tag')
        await session.putObject('tag', await objects.getObject('tag', id))
    await copyInSteps(plan, session, context, { store, info })
    if (changes.length === 0) await session.checkpoint()
    else await session.publish(() => ({ refs: changes.map(asRefChange) }))
    return plan
  })
}

function asRefChange({ name, from, to }: FetchedRef): RefChange {
  return { name, from, to }
}
