import { type Commit, decodeCommit, isRunsRef, type Json, type Repository } from '@dsv/core'
import type { ObjectId } from '@dsv/store'

/** A run of the cache. */
export interface FoundRun {
  /** Of everything that went into it. */
  readonly digest: string
  readonly commit: Commit
  /** Id by path of what came out. */
  readonly outputs: Readonly<Record<string, string>>
  readonly tool: string | undefined
}

/** Finds the last run of these inputs; undefined where there is none. */
export async function findRun(
  repository: Repository,
  digest: string,
): Promise<FoundRun | undefined> {
  const { refs } = await repository.state()
  const heads = [...refs].flatMap(([name, id]) => (isRunsRef(name) ? id : []))
  const id = (await indexOf(repository, heads)).get(digest)
  if (id === undefined) return undefined
  return readRun(repository, id)
}

/** Reads a run; undefined where the commit is none. */
export async function readRun({ store }: Repository, id: ObjectId): Promise<FoundRun | undefined> {
  const commit = decodeCommit(await store.objects.getObject('commit', id))
  const run = runOf(commit)
  return run && { ...run, commit }
}

interface RunIndex {
  readonly seen: Set<ObjectId>
  readonly runs: Map<string, ObjectId>
}

/** What is known of the runs of a store; chains only grow. */
const indexes = new WeakMap<object, Promise<RunIndex>>()

/**
 * Returns the newest run of each digest. Stages that look at once take turns: what one of them has seen, it may
 * not have read yet.
 */
async function indexOf(
  { store }: Repository,
  heads: readonly ObjectId[],
): Promise<ReadonlyMap<string, ObjectId>> {
  const before = indexes.get(store) ?? Promise.resolve({ seen: new Set(), runs: new Map() })
  const after = before.then(async (known) => readFresh(store, known, heads))
  // After a failure all is read again.
  indexes.set(
    store,
    after.catch(() => ({ seen: new Set(), runs: new Map() })),
  )
  return (await after).runs
}

/** Reads what came since the last time. */
async function readFresh(
  store: Repository['store'],
  known: RunIndex,
  heads: readonly ObjectId[],
): Promise<RunIndex> {
  const fresh: (readonly [string, ObjectId])[] = []
  const waiting = [...heads]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (known.seen.has(id)) continue
    known.seen.add(id)
    const commit = decodeCommit(await store.objects.getObject('commit', id))
    const run = runOf(commit)
    if (run !== undefined) fresh.push([run.digest, id])
    waiting.push(...commit.parents)
  }
  for (const [digest, id] of fresh.toReversed()) known.runs.set(digest, id)
  return known
}

function runOf({ extra }: Commit): Omit<FoundRun, 'commit'> | undefined {
  const run = extra['run']
  if (!isMap(run)) return undefined
  const { digest, outputs, tool } = run
  if (typeof digest !== 'string' || outputs === undefined || !isMap(outputs)) return undefined
  const ids: [string, string][] = []
  for (const [path, id] of Object.entries(outputs)) if (typeof id === 'string') ids.push([path, id])
  return {
    digest,
    outputs: Object.fromEntries(ids),
    tool: typeof tool === 'string' ? tool : undefined,
  }
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
