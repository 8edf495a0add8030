import type { ObjectId } from '../hash/object-id.ts'
import type { ObjectReader } from '../object/object-store.ts'
import { compareBytes } from './compare-bytes.ts'
import { loadNode, loadRoot } from './node-cache.ts'
import {
  compareKeyAt,
  lowerBound,
  nodeChild,
  nodeEntry,
  nodeInlineEntry,
  nodeKey,
  type TreeNode,
} from './node.ts'
import { BLOBS_AT_ONCE, resolveEntry } from './stored-entry.ts'
import { END, TreeCursor } from './tree-cursor.ts'
import type { KeyRange, TreeEntry, TreeRef } from './tree.ts'

/** Returns the entry under `key`, or undefined. Reads one node per level. */
export async function getEntry(
  reader: ObjectReader,
  tree: TreeRef,
  key: Uint8Array,
): Promise<TreeEntry | undefined> {
  let node = await loadRoot(reader, tree)
  while (node !== undefined) {
    const index = lowerBound(node, key)
    if (index === node.length) return undefined
    if (node.level === 0) {
      return compareKeyAt(node, index, key) === 0 ? resolved(reader, node, index) : undefined
    }
    node = await loadNode(reader, nodeChild(node, index))
  }
  return undefined
}

/**
 * Returns the entries under many keys, undefined where there is none. Keys come in ascending order;
 * each node is read once.
 */
export async function getEntries(
  reader: ObjectReader,
  tree: TreeRef,
  keys: readonly Uint8Array[],
): Promise<(TreeEntry | undefined)[]> {
  for (let at = 1; at < keys.length; at += 1) {
    if (compareBytes(keys[at - 1] ?? NO_KEY, keys[at] ?? NO_KEY) > 0) {
      throw new Error('keys must come in ascending order')
    }
  }
  const found: (TreeEntry | undefined)[] = keys.map(() => undefined)
  const root = await loadRoot(reader, tree)
  if (root !== undefined) await collect({ reader, keys, found }, root, 0)
  return found
}

const NO_KEY = new Uint8Array(0)

interface Wanted {
  readonly reader: ObjectReader
  readonly keys: readonly Uint8Array[]
  readonly found: (TreeEntry | undefined)[]
}

/** Looks up the keys from `first` that may be below `node`; returns the first one that is behind it. */
async function collect(wanted: Wanted, node: TreeNode, first: number): Promise<number> {
  const { reader, keys, found } = wanted
  let at = first
  for (;;) {
    const key = keys[at]
    if (key === undefined) return at
    const index = lowerBound(node, key)
    if (index === node.length) return at
    if (node.level > 0) {
      at = await collect(wanted, await loadNode(reader, nodeChild(node, index)), at)
    } else {
      if (compareKeyAt(node, index, key) === 0) found[at] = await resolved(reader, node, index)
      at += 1
    }
  }
}

/**
 * Yields the entries of a range in the order of their keys, an array per leaf: the fast way to read
 * many. Keys and values are views of a node: copy what you keep for long, and never write to them.
 *
 * @yields entries of one leaf that lie in the range
 * @throws `DSV_TREE_CORRUPT`
 */
export async function* scanBatches(
  reader: ObjectReader,
  tree: TreeRef,
  range: KeyRange = {},
): AsyncGenerator<readonly TreeEntry[], void, undefined> {
  const cursor = await TreeCursor.open(reader, tree, range)
  while (cursor.level !== END) {
    if (cursor.level >= 0) {
      await cursor.expand()
      continue
    }
    const { node, index } = cursor
    const end = node.hasIndirect ? batchEnd(node, index, cursor.end) : cursor.end
    const entries: TreeEntry[] = []
    if (node.hasIndirect) {
      const places = Array.from({ length: end - index }, (_, at) => index + at)
      entries.push(...(await Promise.all(places.map((at) => resolved(reader, node, at)))))
    } else {
      for (let at = index; at < end; at += 1) entries.push(nodeInlineEntry(node, at))
    }
    yield entries
    cursor.advance(end - index)
  }
}

/** Long values are read side by side, but not more than memory has room for. */
function batchEnd(leaf: TreeNode, start: number, end: number): number {
  let blobs = 0
  for (let at = start; at < end; at += 1) {
    blobs += leaf.indirect[at] ?? 0
    if (blobs > BLOBS_AT_ONCE) return at
  }
  return end
}

/**
 * Yields the entries of a range one by one; see {@link scanBatches}.
 *
 * @yields an entry, its key and value views of a node
 * @throws `DSV_TREE_CORRUPT`
 */
export async function* scanTree(
  reader: ObjectReader,
  tree: TreeRef,
  range: KeyRange = {},
): AsyncGenerator<TreeEntry, void, undefined> {
  for await (const entries of scanBatches(reader, tree, range)) {
    for (const entry of entries) yield entry
  }
}

/** Returns the number of entries in a range. Reads two nodes per level at most. */
export async function countEntries(
  reader: ObjectReader,
  tree: TreeRef,
  range: KeyRange = {},
): Promise<number> {
  const { from, to } = range
  const start = from === undefined ? 0 : await countBefore(reader, tree, from)
  const end = to === undefined ? tree.count : await countBefore(reader, tree, to)
  return Math.max(0, end - start)
}

async function countBefore(reader: ObjectReader, tree: TreeRef, key: Uint8Array): Promise<number> {
  let node = await loadRoot(reader, tree)
  let before = 0
  while (node !== undefined) {
    const index = lowerBound(node, key)
    if (node.level === 0) return before + index
    for (let at = 0; at < index; at += 1) before += node.childCounts[at] ?? 0
    if (index === node.length) return before
    node = await loadNode(reader, nodeChild(node, index))
  }
  return before
}

/** Returns the entry with the least key, or undefined when the tree is empty. */
export async function firstEntry(
  reader: ObjectReader,
  tree: TreeRef,
): Promise<TreeEntry | undefined> {
  return entryAt(reader, tree, 0)
}

/** Returns the entry with the greatest key, or undefined when the tree is empty. */
export async function lastEntry(
  reader: ObjectReader,
  tree: TreeRef,
): Promise<TreeEntry | undefined> {
  return entryAt(reader, tree, tree.count - 1)
}

/** Returns the key with the given number of keys before it, or undefined when there are not so many. */
export async function keyAt(
  reader: ObjectReader,
  tree: TreeRef,
  index: number,
): Promise<Uint8Array | undefined> {
  const place = await placeAt(reader, tree, index)
  return place === undefined ? undefined : nodeKey(place.node, place.index)
}

async function entryAt(
  reader: ObjectReader,
  tree: TreeRef,
  index: number,
): Promise<TreeEntry | undefined> {
  const place = await placeAt(reader, tree, index)
  return place === undefined ? undefined : resolved(reader, place.node, place.index)
}

async function placeAt(
  reader: ObjectReader,
  tree: TreeRef,
  index: number,
): Promise<{ readonly node: TreeNode; readonly index: number } | undefined> {
  if (!Number.isInteger(index) || index < 0 || index >= tree.count) return undefined
  let node = await loadRoot(reader, tree)
  let rest = index
  while (node !== undefined && node.level > 0) {
    let child = 0
    while (rest >= (node.childCounts[child] ?? Infinity)) {
      rest -= node.childCounts[child] ?? 0
      child += 1
    }
    node = await loadNode(reader, nodeChild(node, child))
  }
  return node === undefined ? undefined : { node, index: rest }
}

/** A node as {@link treeNodes} finds it. */
export interface TreeNodeInfo {
  readonly id: ObjectId
  /** Leaves are level 0. */
  readonly level: number
  /** Number of entries below the node. */
  readonly count: number
  /** Logical size of the entries below the node. */
  readonly sizeBytes: number
}

/**
 * Yields all nodes of a tree, parents first. Leaves are not read, but for a root that is one.
 *
 * @yields id, level and sums of one node
 * @throws `DSV_TREE_CORRUPT`
 */
export async function* treeNodes(
  reader: ObjectReader,
  tree: TreeRef,
): AsyncGenerator<TreeNodeInfo, void, undefined> {
  const root = await loadRoot(reader, tree)
  if (root !== undefined) yield* nodesBelow(reader, root)
}

async function* nodesBelow(
  reader: ObjectReader,
  node: TreeNode,
): AsyncGenerator<TreeNodeInfo, void, undefined> {
  const { id, level, count, sizeBytes } = node
  yield { id, level, count, sizeBytes }
  if (level === 0) return
  for (let index = 0; index < node.length; index += 1) {
    const child = nodeChild(node, index)
    if (level > 1) yield* nodesBelow(reader, await loadNode(reader, child))
    else yield { id: child.id, level: 0, count: child.count, sizeBytes: child.sizeBytes }
  }
}

async function resolved(reader: ObjectReader, node: TreeNode, index: number): Promise<TreeEntry> {
  return resolveEntry(reader, nodeEntry(node, index))
}
