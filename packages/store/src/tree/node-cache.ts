import { treeCorrupt } from '../errors.ts'
import type { ObjectId } from '../hash/object-id.ts'
import type { ObjectReader } from '../object/object-store.ts'
import { equalBytes } from './compare-bytes.ts'
import { decodeNode } from './decode-node.ts'
import { type NodeRef, nodeKey, type TreeNode } from './node.ts'
import type { TreeRef } from './tree.ts'

/** Memory that the decoded nodes of one reader may take together, in bytes. */
const CACHE_BYTES = 20 * 1024 * 1024

/** Decoded nodes, least recently used first. */
interface NodeCache {
  readonly nodes: Map<ObjectId, TreeNode>
  sizeBytes: number
}

const caches = new WeakMap<ObjectReader, NodeCache>()

/**
 * Returns the decoded node, from the cache of this reader when it is there.
 *
 * @throws `DSV_TREE_CORRUPT` when the node is not what its parent says
 */
export async function loadNode(reader: ObjectReader, ref: NodeRef): Promise<TreeNode> {
  const node = await loadUnchecked(reader, ref.id)
  if (node.level !== ref.level) throw treeCorrupt(ref.id, `its level is not ${ref.level}`)
  checkSums(node, ref)
  if (!equalBytes(nodeKey(node, node.length - 1), ref.key)) {
    throw treeCorrupt(ref.id, 'its last key is not the one its parent has')
  }
  return node
}

/** Returns the root of a tree that is not empty; see {@link loadNode}. */
export async function loadRoot(reader: ObjectReader, tree: TreeRef): Promise<TreeNode | undefined> {
  if (tree.root === undefined) return undefined
  const node = await loadUnchecked(reader, tree.root)
  checkSums(node, tree)
  return node
}

async function loadUnchecked(reader: ObjectReader, id: ObjectId): Promise<TreeNode> {
  const cache = cacheOf(reader)
  const cached = cache.nodes.get(id)
  if (cached !== undefined) {
    cache.nodes.delete(id)
    cache.nodes.set(id, cached)
    return cached
  }
  const node = decodeNode(id, await reader.getObject('node', id))
  remember(cache, node)
  return node
}

function checkSums(node: TreeNode, expected: Pick<TreeRef, 'count' | 'sizeBytes'>): void {
  if (node.count !== expected.count || node.sizeBytes !== expected.sizeBytes) {
    throw treeCorrupt(node.id, 'it does not hold as much as what refers to it says')
  }
}

function cacheOf(reader: ObjectReader): NodeCache {
  let cache = caches.get(reader)
  if (cache === undefined) {
    cache = { nodes: new Map(), sizeBytes: 0 }
    caches.set(reader, cache)
  }
  return cache
}

function remember(cache: NodeCache, node: TreeNode): void {
  // Two reads of one node may overlap.
  if (cache.nodes.has(node.id)) return
  cache.nodes.set(node.id, node)
  cache.sizeBytes += memoryOf(node)
  for (const [id, oldest] of cache.nodes) {
    if (cache.sizeBytes <= CACHE_BYTES || oldest === node) break
    cache.nodes.delete(id)
    cache.sizeBytes -= memoryOf(oldest)
  }
}

function memoryOf(node: TreeNode): number {
  return 1024 + node.keys.length + node.values.length + node.length * 24 + node.linkBytes.length
}
