import { operationInfo, type Repository } from '@dsv/core'
import type { AnyId, ObjectId, RefChange } from '@dsv/store'
import { commitSteps } from './commit-steps.ts'
import {
  copyBlobs,
  missingOfCommits,
  planTransfer,
  type TransferContext,
  type TransferCount,
} from './copy-commits.ts'
import type { RemoteRepository } from './remote-repository.ts'
import { sessionReader, storeSource } from './store-source.ts'

/** What to fetch. */
export interface FetchRequest {
  /** Names of branches over there; all by default. */
  readonly branches?: readonly string[]
  /** Deletes what is kept of branches that are gone over there. */
  readonly prune?: boolean
  /** Only finds out what would be done. */
  readonly dryRun?: boolean
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
 * `refs/remotes/<name>/…`. Nothing that is here changes.
 *
 * @throws `DSV_REF_MOVED` when another fetch was faster, and what the storage throws
 */
export async function fetch(
  local: Repository,
  remote: RemoteRepository,
  request: FetchRequest = {},
): Promise<FetchOutcome> {
  const { refs: here } = await local.state()
  const fetched = [...refsToFetch(here, remote, request)]
  const changes = fetched.filter(({ type }) => type !== 'up-to-date' && type !== 'kept')
  const count = await bringHere(local, remote, { changes, here, dryRun: request.dryRun === true })
  return { refs: fetched, count, requests: remote.ahead?.traffic.requests }
}

function* refsToFetch(
  here: ReadonlyMap<string, ObjectId>,
  remote: RemoteRepository,
  { branches, prune = false }: FetchRequest,
): Generator<FetchedRef> {
  const prefix = `refs/remotes/${remote.name}/`
  for (const [name, to] of remote.root.refs) {
    if (name.startsWith(TAGS) && branches === undefined) yield tagToFetch(name, here.get(name), to)
    if (!name.startsWith(HEADS)) continue
    const branch = name.slice(HEADS.length)
    if (branches?.includes(branch) === false) continue
    const from = here.get(prefix + branch)
    const type = from === to ? 'up-to-date' : from === undefined ? 'new' : 'moved'
    yield { name: prefix + branch, from, to, type }
  }
  if (!prune) return
  for (const [name, from] of here) {
    if (!name.startsWith(prefix)) continue
    if (remote.root.refs.has(HEADS + name.slice(prefix.length))) continue
    yield { name, from, to: undefined, type: 'deleted' }
  }
}

function tagToFetch(name: string, from: ObjectId | undefined, to: ObjectId): FetchedRef {
  if (from === undefined) return { name, from, to, type: 'new' }
  return from === to
    ? { name, from, to, type: 'up-to-date' }
    : { name, from, to: from, type: 'kept' }
}

interface Fetching {
  readonly changes: readonly FetchedRef[]
  readonly here: ReadonlyMap<string, ObjectId>
  readonly dryRun: boolean
}

async function bringHere(
  local: Repository,
  remote: RemoteRepository,
  { changes, here, dryRun }: Fetching,
): Promise<TransferCount> {
  const { environment, store } = local
  const wanted = changes.flatMap(({ to }) => to ?? [])
  const steps = await commitSteps(local, remote, wanted, [...here.values()])
  const { objects } = remote.store
  const common = {
    source: storeSource(objects, remote.driver),
    reader: objects,
    ahead: remote.ahead,
    signal: environment.signal,
    onProgress: environment.onProgress,
  }
  if (changes.length === 0 || dryRun) {
    const context = { ...common, known: storeSource(store.objects, store.driver) }
    const isThere = async (id: AnyId): Promise<boolean> => store.objects.has(id)
    return planTransfer(missingOfCommits(steps, context), { isThere }, context)
  }
  const info = operationInfo(environment, `fetch: ${remote.name}`)
  return store.write(info, async (session) => {
    // Commits that came a moment ago are known too.
    const context: TransferContext = {
      ...common,
      known: storeSource(sessionReader(session, store.objects), store.driver),
    }
    const isThere = async (id: AnyId): Promise<boolean> => session.has(id)
    const plan = await planTransfer(missingOfCommits(steps, context), { isThere, session }, context)
    for (const id of wanted)
      if ((await objects.info(id))?.kind === 'tag')
        await session.putObject('tag', await objects.getObject('tag', id))
    await copyBlobs(plan, session, context)
    await session.publish(() => ({ refs: changes.map(asRefChange) }))
    return plan
  })
}

function asRefChange({ name, from, to }: FetchedRef): RefChange {
  return { name, from, to }
}
