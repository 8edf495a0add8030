import { decodeCommit } from '@dsv/core'
import {
  type AnyId,
  type ObjectId,
  type ObjectKind,
  type StoredObject,
  toObjectId,
} from '@dsv/store'

/** An object that one side has and the other may lack. */
export type MissingObject =
  | { readonly kind: 'blob'; readonly id: AnyId }
  | { readonly kind: ObjectKind; readonly id: ObjectId; readonly object: StoredObject }

/** Where objects are read. */
export interface ObjectSource {
  /** Returns what an id stands for. @throws `DSV_OBJECT_NOT_FOUND` */
  kindOf(id: AnyId): Promise<ObjectKind | 'blob'>
  /** @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT` */
  getObject(kind: ObjectKind, id: ObjectId): Promise<StoredObject>
  /** Says that these will be read soon. */
  prefetch(ids: readonly AnyId[]): Promise<void>
}

/** What both sides are read from. */
export interface MissingContext {
  /** Holds the new objects. */
  readonly source: ObjectSource
  /** Holds the known ones; may be the same. */
  readonly known: ObjectSource
  readonly signal: AbortSignal
}

/** Nodes that are decoded ahead of their blobs. */
const BATCH = 256

/**
 * Lists what a commit needs that none of the commits in `known` needs: the objects with their
 * content, parents before children, then the blobs.
 *
 * Both sides are walked side by side from the top, level by level, and what they share is left out
 * unread, so the work is near the difference. That an object is there is not taken to mean that
 * everything below is there: only what a known commit needs is known to be complete.
 *
 * @yields objects and blobs; one may come twice
 * @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT`
 */
export async function* missingObjects(
  commitId: ObjectId,
  knownCommits: readonly ObjectId[],
  context: MissingContext,
): AsyncGenerator<MissingObject, void, undefined> {
  const { source, known } = context
  const commit = await source.getObject('commit', commitId)
  yield { kind: 'commit', id: commitId, object: commit }
  const commits = await Promise.all(knownCommits.map(async (id) => known.getObject('commit', id)))
  yield* missingBelow(contentOf(commit), commits.flatMap(contentOf), context)
}

/** What a commit links besides its parents, of which not even the kind need be known. */
function contentOf(commit: StoredObject): readonly AnyId[] {
  const parents = new Set<AnyId>(decodeCommit(commit).parents)
  return commit.links.filter((id) => !parents.has(id))
}

/**
 * Lists what some ids need, themselves included, that the known ids do not need. Commits among them
 * are left out.
 *
 * @yields objects and blobs; one may come twice
 * @throws `DSV_OBJECT_NOT_FOUND`, `DSV_OBJECT_CORRUPT`
 */
export async function* missingBelow(
  ids: readonly AnyId[],
  knownIds: readonly AnyId[],
  { source, known, signal }: MissingContext,
): AsyncGenerator<MissingObject, void, undefined> {
  const fresh = new Frontier(source, ids)
  const old = new Frontier(known, knownIds)
  yield* freshObjects(fresh, old)
  yield* freshNodes(fresh, old, signal)
}

/** Commits refer to datasets, these to trees and blobs: a few steps, few objects. */
async function* freshObjects(
  fresh: Frontier,
  old: Frontier,
): AsyncGenerator<MissingObject, void, undefined> {
  while (fresh.others.size > 0) {
    dropShared(fresh.others, old.others)
    await old.expandOthers()
    for (const missing of await fresh.expandOthers()) yield missing
  }
}

async function* freshNodes(
  fresh: Frontier,
  old: Frontier,
  signal: AbortSignal,
): AsyncGenerator<MissingObject, void, undefined> {
  for (let level = Math.max(fresh.top(), old.top()); level >= 0; level -= 1) {
    const [news, olds] = [fresh.at(level), old.at(level)]
    dropShared(news, olds)
    // Known nodes help only as long as they are about as many as those that they may spare.
    if (olds.size > 4 * news.size + BATCH) olds.clear()
    for (const batch of batches(olds)) await old.expandNodes(batch, level)
    const shared = level === 0 ? old.blobs : undefined
    for (const batch of batches(news)) {
      signal.throwIfAborted()
      for (const missing of await fresh.expandNodes(batch, level)) yield missing
      for (const id of fresh.blobs) if (shared?.has(id) !== true) yield { kind: 'blob', id }
      fresh.blobs.clear()
    }
    news.clear()
    olds.clear()
  }
  for (const id of fresh.blobs) if (!old.blobs.has(id)) yield { kind: 'blob', id }
}

function dropShared(news: Set<AnyId>, olds: Set<AnyId>): void {
  for (const id of news) {
    if (!olds.delete(id)) continue
    news.delete(id)
  }
}

function* batches(ids: ReadonlySet<AnyId>): Generator<readonly AnyId[]> {
  let batch: AnyId[] = []
  for (const id of ids) {
    batch.push(id)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** What one side needs and what was not looked into yet. */
class Frontier {
  /** Ids of unknown kind. */
  readonly others: Set<AnyId>
  readonly blobs = new Set<AnyId>()
  readonly #levels: Set<AnyId>[] = []
  /** Roots of trees are opened to see their level. */
  readonly #roots = new Map<AnyId, StoredObject>()
  readonly #source: ObjectSource

  constructor(source: ObjectSource, links: readonly AnyId[]) {
    this.#source = source
    this.others = new Set(links)
  }

  /** The nodes of a level that were found. */
  at(level: number): Set<AnyId> {
    while (this.#levels.length <= level) this.#levels.push(new Set())
    return this.#levels[level] ?? new Set()
  }

  /** The highest level with a node, -1 without. */
  top(): number {
    return this.#levels.findLastIndex((ids) => ids.size > 0)
  }

  /** Looks at the ids of unknown kind; what they link takes their place. Commits are left out. */
  async expandOthers(): Promise<readonly MissingObject[]> {
    const ids = [...this.others]
    this.others.clear()
    const opened: MissingObject[] = []
    for (const id of ids) {
      const kind = await this.#source.kindOf(id)
      if (kind === 'commit') continue
      if (kind === 'blob') {
        this.blobs.add(id)
        continue
      }
      const objectId = toObjectId(id)
      const object = await this.#source.getObject(kind, objectId)
      if (kind === 'node') {
        this.at(levelOf(object)).add(id)
        this.#roots.set(id, object)
        continue
      }
      for (const link of object.links) this.others.add(link)
      opened.push({ kind, id: objectId, object })
    }
    return opened
  }

  /** Opens nodes: their children or blobs are added; returns the nodes. */
  async expandNodes(ids: readonly AnyId[], level: number): Promise<readonly MissingObject[]> {
    await this.#source.prefetch(ids.filter((id) => !this.#roots.has(id)))
    const below = level === 0 ? this.blobs : this.at(level - 1)
    const nodes: MissingObject[] = []
    for (const id of ids) {
      const objectId = toObjectId(id)
      const object = this.#roots.get(id) ?? (await this.#source.getObject('node', objectId))
      for (const link of object.links) below.add(link)
      nodes.push({ kind: 'node', id: objectId, object })
    }
    return nodes
  }
}

/** The second byte of a node is its level; see `docs/on-disk-format.md`. */
function levelOf({ payload }: StoredObject): number {
  return payload[1] ?? 0
}
