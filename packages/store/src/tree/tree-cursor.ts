import type { ObjectReader } from '../object/object-store.ts'
import { treeCorrupt } from '../errors.ts'
import { loadNode, loadRoot } from './node-cache.ts'
import {
  compareKeyAt,
  lowerBound,
  nodeChild,
  nodeEntry,
  nodeKey,
  nodeLink,
  type NodeRef,
  type TreeNode,
} from './node.ts'
import type { StoredEntry } from './stored-entry.ts'
import type { KeyRange, TreeRef } from './tree.ts'

/** The level of a cursor that stands on an entry, and of one that is at the end. */
export const ENTRY = -1
export const END = -2

interface Frame {
  readonly node: TreeNode
  index: number
  /** Where the range ends in this node. */
  readonly end: number
  /** All keys below are greater; undefined when nothing comes before. */
  readonly after: Uint8Array | undefined
}

/**
 * Walks a tree as a sequence of subtrees and entries: what it stands on is skipped whole by
 * {@link advance}, or replaced by what is in it by {@link expand}. Subtrees are not read before.
 */
export class TreeCursor {
  readonly #reader: ObjectReader
  readonly #range: KeyRange
  readonly #frames: Frame[] = []
  #top: Frame | undefined
  /** Level of the subtree it stands on, {@link ENTRY} or {@link END}. */
  level: number = END

  private constructor(reader: ObjectReader, range: KeyRange) {
    this.#reader = reader
    this.#range = range
  }

  /** Opens a tree, standing on the first child or entry of its root. */
  static async open(
    reader: ObjectReader,
    tree: TreeRef,
    range: KeyRange = {},
  ): Promise<TreeCursor> {
    const cursor = new TreeCursor(reader, range)
    const root = await loadRoot(reader, tree)
    if (root !== undefined) cursor.#enter(root, undefined)
    return cursor
  }

  #enter(node: TreeNode, after: Uint8Array | undefined): void {
    // Else a few nodes that share their children would claim more entries than anybody can read.
    if (after !== undefined && compareKeyAt(node, 0, after) <= 0) {
      throw treeCorrupt(node.id, 'its first key comes before the end of the node before it')
    }
    const { from, to } = this.#range
    const index = from === undefined ? 0 : lowerBound(node, from)
    let end = to === undefined ? node.length : lowerBound(node, to)
    // The child with the first last key that is not below `to` may hold keys that are.
    if (node.level > 0 && end < node.length) end += 1
    this.#frames.push({ node, index, end, after })
    this.#settle()
  }

  /** Leaves nodes that are finished. */
  #settle(): void {
    let top = this.#frames.at(-1)
    while (top !== undefined && top.index >= top.end) {
      this.#frames.pop()
      top = this.#frames.at(-1)
    }
    this.#top = top
    this.level = top === undefined ? END : top.node.level - 1
  }

  /** The node that has what the cursor stands on. */
  get node(): TreeNode {
    return this.#frame().node
  }

  /** Index in {@link node} of what the cursor stands on. */
  get index(): number {
    return this.#frame().index
  }

  /** Where the range ends in {@link node}. */
  get end(): number {
    return this.#frame().end
  }

  #frame(): Frame {
    if (this.#top === undefined) throw new Error('the cursor is at the end')
    return this.#top
  }

  /** The key of the entry, or the last key of the subtree. */
  key(): Uint8Array {
    const { node, index } = this.#frame()
    return nodeKey(node, index)
  }

  entry(): StoredEntry {
    const { node, index } = this.#frame()
    return nodeEntry(node, index)
  }

  child(): NodeRef {
    const { node, index } = this.#frame()
    return nodeChild(node, index)
  }

  /** Id of the subtree it stands on; undefined on an entry. */
  childId(): string | undefined {
    const { node, index } = this.#frame()
    return node.level === 0 ? undefined : nodeLink(node, index)
  }

  /** Returns whether nothing follows in the tree. */
  isLast(): boolean {
    const top = this.#frame()
    // Above the top, `index` is already behind the child that was entered.
    return this.#frames.every(
      (frame) => frame.index === frame.node.length - (frame === top ? 1 : 0),
    )
  }

  /** Skips what it stands on, or the given number of entries of the same leaf. */
  advance(count = 1): void {
    const frame = this.#frame()
    frame.index += count
    if (frame.index >= frame.end) this.#settle()
  }

  /** Reads the subtree it stands on and goes to the first thing in it. */
  async expand(): Promise<void> {
    const child = this.child()
    const node = await loadNode(this.#reader, child)
    const frame = this.#frame()
    const after = frame.index === 0 ? frame.after : nodeKey(frame.node, frame.index - 1)
    frame.index += 1
    this.#enter(node, after)
  }
}
