import { type AnyId, ID_BYTES, type ObjectId, toObjectId } from '../hash/object-id.ts'
import { compareParts } from './compare-bytes.ts'
import type { StoredEntry } from './stored-entry.ts'
import type { TreeEntry } from './tree.ts'

/** What a parent says of a child node; for the root, what the `TreeRef` says. */
export interface NodeRef {
  readonly id: ObjectId
  /** Leaves are level 0. */
  readonly level: number
  /** The last key below the node. */
  readonly key: Uint8Array
  /** Number of entries below the node. */
  readonly count: number
  /** Logical size of the entries below the node. */
  readonly sizeBytes: number
}

/** A decoded node: columns instead of objects, so that decoding allocates a handful of arrays. */
export interface TreeNode {
  readonly id: ObjectId
  readonly level: number
  /** Number of entries or children in this node, at least one. */
  readonly length: number
  /** All keys one after another; key i ends at `keyEnds[i]`. */
  readonly keys: Uint8Array
  readonly keyEnds: Uint32Array
  /** Number of entries below the node, and their logical size. */
  readonly count: number
  readonly sizeBytes: number
  /** All links, 32 bytes each. */
  readonly linkBytes: Buffer
  /** Leaves: where values lie in `values`, and links counted from the first; else empty. */
  readonly values: Uint8Array
  readonly valueEnds: Uint32Array
  readonly linkEnds: Uint32Array
  readonly indirect: Uint8Array
  readonly hasIndirect: boolean
  /** Internal nodes: count and size of each child; else empty. */
  readonly childCounts: Float64Array
  readonly childSizes: Float64Array
}

const NO_LINKS: readonly AnyId[] = Object.freeze([])

/** Returns key `index`, as a view. */
export function nodeKey(node: TreeNode, index: number): Uint8Array {
  return node.keys.subarray(startOf(node.keyEnds, index), node.keyEnds[index])
}

/** Returns entry `index` of a leaf as it is stored; key and value are views. */
export function nodeEntry(node: TreeNode, index: number): StoredEntry {
  return {
    key: nodeKey(node, index),
    value: nodeValue(node, index),
    links: nodeLinks(node, index),
    isIndirect: node.indirect[index] === 1,
  }
}

/** Returns entry `index` of a leaf, which is not indirect; key and value are views. */
export function nodeInlineEntry(node: TreeNode, index: number): TreeEntry {
  return {
    key: nodeKey(node, index),
    value: nodeValue(node, index),
    links: nodeLinks(node, index),
  }
}

function nodeValue(node: TreeNode, index: number): Uint8Array {
  return node.values.subarray(startOf(node.valueEnds, index), node.valueEnds[index])
}

function nodeLinks(node: TreeNode, index: number): readonly AnyId[] {
  const start = startOf(node.linkEnds, index)
  const end = node.linkEnds[index] ?? 0
  if (start === end) return NO_LINKS
  return Array.from({ length: end - start }, (_, at) => nodeLink(node, start + at))
}

/** Returns link `index` of all links of a node. */
export function nodeLink(node: TreeNode, index: number): ObjectId {
  return toObjectId(node.linkBytes.toString('hex', ID_BYTES * index, ID_BYTES * (index + 1)))
}

/** Returns child `index` of an internal node. */
export function nodeChild(node: TreeNode, index: number): NodeRef {
  return {
    id: nodeLink(node, index),
    level: node.level - 1,
    key: nodeKey(node, index),
    count: node.childCounts[index] ?? 0,
    sizeBytes: node.childSizes[index] ?? 0,
  }
}

/** Compares key `index` with `key`, like `compareBytes`. */
export function compareKeyAt(node: TreeNode, index: number, key: Uint8Array): number {
  const start = startOf(node.keyEnds, index)
  const length = (node.keyEnds[index] ?? 0) - start
  const shared = Math.min(length, key.length)
  const { keys } = node
  for (let at = 0; at < shared; at += 1) {
    const difference = (keys[start + at] ?? 0) - (key[at] ?? 0)
    if (difference !== 0) return difference
  }
  return length - key.length
}

/** Compares key `i` of `a` with key `j` of `b`, like `compareBytes`. */
export function compareKeys(a: TreeNode, i: number, b: TreeNode, j: number): number {
  const [from, to] = [startOf(a.keyEnds, i), a.keyEnds[i] ?? 0]
  return compareParts(a.keys, from, to, b.keys, startOf(b.keyEnds, j), b.keyEnds[j] ?? 0)
}

/** Returns whether two entries of leaves say the same; their keys are not compared. */
export function isSameContentAt(a: TreeNode, i: number, b: TreeNode, j: number): boolean {
  if (a.indirect[i] !== b.indirect[j]) return false
  const [from, to] = [startOf(a.valueEnds, i), a.valueEnds[i] ?? 0]
  const [start, end] = [startOf(b.valueEnds, j), b.valueEnds[j] ?? 0]
  if (compareParts(a.values, from, to, b.values, start, end) !== 0) return false
  const [first, last] = [startOf(a.linkEnds, i) * ID_BYTES, (a.linkEnds[i] ?? 0) * ID_BYTES]
  const [begin, stop] = [startOf(b.linkEnds, j) * ID_BYTES, (b.linkEnds[j] ?? 0) * ID_BYTES]
  return compareParts(a.linkBytes, first, last, b.linkBytes, begin, stop) === 0
}

/** Returns the index of the first key that is not less than `key`; `length` when all are less. */
export function lowerBound(node: TreeNode, key: Uint8Array): number {
  let low = 0
  let high = node.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeyAt(node, middle, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns where item `index` of a column of ends begins. */
function startOf(ends: Uint32Array, index: number): number {
  return index === 0 ? 0 : (ends[index - 1] ?? 0)
}
