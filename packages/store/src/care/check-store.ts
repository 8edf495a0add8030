import { isDsvError } from '../dsv-error.ts'
import { type AnyId, toObjectId } from '../hash/object-id.ts'
import { type ClosableObjectReader, openObjectReader } from '../object/object-reader.ts'
import type { Store } from '../open-store.ts'
import { readLeases } from '../root/lease.ts'
import type { RootRecord } from '../root/root-record.ts'
import { decodeNode } from '../tree/decode-node.ts'
import { loadNode } from '../tree/node-cache.ts'
import { nodeChild } from '../tree/node.ts'
import { checkBlobFiles, checkFragment, checkPack } from './check-packs.ts'
import { findDependents } from './find-dependents.ts'
import type { Finding } from './finding.ts'
import { emptyReach, markReachable, type Reach, reachRoots } from './reachable.ts'
import { summarizeIndex } from './survey-packs.ts'

/** How thorough {@link checkStore} is; each level includes those below. */
export interface CheckOptions {
  /**
   * 0: root, index fragments, operations. 1: everything that is needed is there, and objects match
   * their ids. 2: nodes make sense in their trees. 3: packs and index agree. 4: all bytes match their
   * ids. 1 by default.
   */
  readonly level?: 0 | 1 | 2 | 3 | 4
  /** Reads only so many of 100 payloads at level 4; 100 by default. */
  readonly percent?: number
  /** Chooses which, when not all; count it up from run to run to come round. 0 by default. */
  readonly round?: number
}

/**
 * Yields everything that is wrong with a repository; broken objects last, each with the refs and
 * commits that need it. Changes nothing.
 *
 * @yields one finding
 * @throws `DSV_ROOT_CORRUPT` when there is nothing to begin with
 */
export async function* checkStore(
  store: Store,
  options: CheckOptions = {},
): AsyncGenerator<Finding, void, undefined> {
  const { level = 1, percent = 100, round = 0 } = options
  const root = await store.readRoot()
  const fragments: string[] = []
  for (const name of root.fragments) {
    const findings = await collect(checkFragment(store.driver, name))
    if (findings.length === 0) fragments.push(name)
    yield* findings
  }
  yield* checkLeases(store)
  const reader = openObjectReader(store.driver, {
    current: () => fragments,
    reload: async () => fragments,
  })
  try {
    const broken: BrokenObjects = new Map()
    const reach = yield* checkObjects({ store, root, reader, broken, level })
    if (level >= 3) {
      const isRead = level >= 4 ? sampler(percent, round) : undefined
      const onBroken = noteCorrupt(broken)
      for (const packId of (await summarizeIndex(store.driver, fragments)).packIds) {
        let isReadable = true
        const onUnreadable = (): void => {
          isReadable = false
        }
        yield* checkPack(store.driver, packId, { reader, isRead, onBroken, onUnreadable })
        if (!isReadable) await nameContents({ reader, reach }, packId, onBroken)
      }
      await checkBlobFiles(store.driver, { isRead, onBroken })
    }
    yield* describeBroken({ store, root, reader, broken })
  } finally {
    reader.close()
  }
}

type BrokenObjects = Map<AnyId, Pick<Finding, 'code' | 'message'>>

interface CheckRun {
  readonly store: Store
  readonly root: RootRecord
  readonly reader: ClosableObjectReader
  readonly broken: BrokenObjects
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

function noteCorrupt(broken: BrokenObjects): (id: AnyId, message: string) => void {
  return (id, message) => {
    if (!broken.has(id)) broken.set(id, { code: 'object-corrupt', message })
  }
}

async function* checkLeases({ driver }: Store): AsyncGenerator<Finding> {
  for (const { lease, path } of await readLeases(driver)) {
    if (lease !== undefined) continue
    const message = `The lease ${path} of a writer cannot be read`
    yield { severity: 'warning', code: 'lease-unreadable', message, path }
  }
}

async function* checkObjects(
  run: CheckRun & { readonly level: number },
): AsyncGenerator<Finding, Reach, undefined> {
  const { store, root, reader, broken, level } = run
  const reach = emptyReach()
  try {
    const roots = await reachRoots(reader, root, store.settings, store.nowMs())
    if (level === 0) return reach
    await markReachable(reader, roots, reach, level >= 2 ? nodeChecker(reader, broken) : undefined)
  } catch (error) {
    if (!isDsvError(error)) throw error
    yield { severity: 'error', code: 'operation-corrupt', message: error.message }
    if (level === 0) return reach
    const roots = [...root.refs.values(), ...(root.local?.links ?? [])]
    await markReachable(reader, roots, reach, level >= 2 ? nodeChecker(reader, broken) : undefined)
  }
  for (const [id, message] of reach.corrupt) noteCorrupt(broken)(id, message)
  if (store.settings.partial === 1) return reach
  for (const id of reach.missing) {
    broken.set(id, { code: 'object-missing', message: `${id} is missing` })
  }
  return reach
}

/** A pack without a table cannot say what was in it; the index can. */
async function nameContents(
  { reader, reach }: { readonly reader: ClosableObjectReader; readonly reach: Reach },
  packId: string,
  onBroken: (id: AnyId, message: string) => void,
): Promise<void> {
  for (const id of reach.reached) {
    const place = await reader.locate(id)
    if (place?.type === 'pack' && place.packId === packId)
      onBroken(id, `${id} lies in the pack ${packId}, which is damaged`)
  }
}

/** Checks a node alone, and that its children are what it says of them. */
function nodeChecker(
  reader: ClosableObjectReader,
  broken: BrokenObjects,
): NonNullable<Parameters<typeof markReachable>[3]> {
  return async (kind, id, object) => {
    if (kind !== 'node') return
    const nodeId = toObjectId(id)
    try {
      const node = decodeNode(nodeId, object)
      if (node.level === 0) return
      for (let child = 0; child < node.length; child += 1) {
        await checkChild(reader, broken, nodeChild(node, child))
      }
    } catch (error) {
      if (!isDsvError(error, 'DSV_TREE_CORRUPT')) throw error
      broken.set(id, { code: 'node-wrong', message: error.message })
    }
  }
}

async function checkChild(
  reader: ClosableObjectReader,
  broken: BrokenObjects,
  child: ReturnType<typeof nodeChild>,
): Promise<void> {
  try {
    await loadNode(reader, child)
  } catch (error) {
    if (!isDsvError(error)) throw error
    // What is missing or damaged the walk finds by itself.
    if (error.code !== 'DSV_TREE_CORRUPT') return
    broken.set(child.id, { code: 'node-wrong', message: error.message })
  }
}

/** Takes another part of the ids in each round, and all of them in 100 / percent rounds. */
function sampler(percent: number, round: number): (id: AnyId) => boolean {
  if (percent >= 100) return () => true
  const from = (round * percent) % 100
  return (id) => (Number.parseInt(id.slice(0, 8), 16) + 100 - from) % 100 < percent
}

async function* describeBroken(run: CheckRun): AsyncGenerator<Finding, void, undefined> {
  const { store, root, reader, broken } = run
  if (broken.size === 0) return
  const kept = { settings: store.settings, nowMs: store.nowMs() }
  const dependents = await tryFindDependents(reader, root, new Set(broken.keys()), kept)
  for (const [id, found] of broken) {
    const needed = dependents.get(id)
    yield { severity: 'error', ...found, id, ...(needed && { dependents: needed }) }
  }
}

/** A damaged operation log has been reported; what hangs on refs can be told without it. */
async function tryFindDependents(
  ...[reader, root, broken, kept]: Parameters<typeof findDependents>
): ReturnType<typeof findDependents> {
  try {
    return await findDependents(reader, root, broken, kept)
  } catch (error) {
    if (!isDsvError(error)) throw error
    const withoutLog: RootRecord['operationHead'] = undefined
    return findDependents(reader, { ...root, operationHead: withoutLog }, broken, kept)
  }
}
