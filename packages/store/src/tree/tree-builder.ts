import { treeKeyTooLong } from '../errors.ts'
import type { ObjectStore } from '../object/object-store.ts'
import { isBoundary } from './boundary.ts'
import { compareBytes } from './compare-bytes.ts'
import { encodeInternal, encodeLeaf } from './encode-node.ts'
import { loadNode } from './node-cache.ts'
import { nodeChild, nodeEntry, type NodeRef } from './node.ts'
import { entrySizeBytes, type StoredEntry, storeIndirect } from './stored-entry.ts'
import { EMPTY_TREE, type TreeEntry, type TreeRef } from './tree.ts'
import { KEY_BYTES_MAX, TREE_SETTINGS, type TreeSettings } from './tree-settings.ts'

/** Logical size of an entry of an internal node beside its key: two numbers, a link, 2. */
const CHILD_BYTES = 16 + 32 + 2

/** One level of internal nodes that is being written. */
interface Level {
  children: NodeRef[]
  sizeBytes: number
}

/**
 * Writes a tree from left to right, out of entries and of whole nodes of other trees. A node is
 * adopted without being read when it begins where a node begins here too; otherwise it is taken
 * apart until boundaries meet again. Whatever it was made of, the result depends on the entries only.
 *
 * `add…` return a promise only when there is something to wait for, so that millions of entries do
 * not make millions of promises. Await it before the next call. The class lives from the first entry
 * to {@link finish}.
 */
export class TreeBuilder {
  readonly #store: ObjectStore
  readonly #settings: TreeSettings
  #entries: StoredEntry[] = []
  #entryBytes = 0
  #lastKey: Uint8Array | undefined
  /** Levels 1, 2, … at 0, 1, … */
  readonly #levels: Level[] = []
  /** A node at the right edge of its tree ends there for want of entries: more may belong to it. */
  #edge: NodeRef | undefined

  constructor(store: ObjectStore, settings: TreeSettings = TREE_SETTINGS) {
    this.#store = store
    this.#settings = settings
  }

  /**
   * Adds an entry whose key is greater than all before.
   *
   * @throws `DSV_TREE_KEY_TOO_LONG`
   */
  addEntry(entry: TreeEntry): Promise<void> | undefined {
    if (entry.value.length <= this.#settings.inlineBytes) {
      const { key, value, links } = entry
      return this.addStored({ key, value, links, isIndirect: false })
    }
    return this.#addIndirect(entry)
  }

  async #addIndirect(entry: TreeEntry): Promise<void> {
    await this.addStored(await storeIndirect(this.#store, entry))
  }

  /** Adds an entry in the form that nodes hold. */
  addStored(entry: StoredEntry): Promise<void> | undefined {
    return this.#edge === undefined ? this.#append(entry) : this.#openEdgeThen(entry)
  }

  async #openEdgeThen(entry: StoredEntry): Promise<void> {
    await this.#openEdge()
    await this.#append(entry)
  }

  #append(entry: StoredEntry): Promise<void> | undefined {
    this.#checkKey(entry.key)
    this.#lastKey = entry.key
    const before = this.#entryBytes
    const after = before + entrySizeBytes(entry)
    this.#entries.push(entry)
    this.#entryBytes = after
    return isBoundary(0, entry.key, { before, after }, this.#settings) ? this.#cutLeaf() : undefined
  }

  #checkKey(key: Uint8Array): void {
    if (key.length > KEY_BYTES_MAX) throw treeKeyTooLong(key, KEY_BYTES_MAX)
    if (this.#lastKey !== undefined && compareBytes(this.#lastKey, key) >= 0) {
      throw new Error('keys of a tree must come in ascending order, each once')
    }
  }

  /**
   * Adds all entries below a node whose keys are greater than all before. `isEdge` says that it is
   * the last node of its level in the tree it comes from.
   */
  addNode(ref: NodeRef, isEdge: boolean): Promise<void> | undefined {
    if (this.#edge !== undefined || !this.#isAligned(ref.level)) return this.#addSlowly(ref, isEdge)
    if (!isEdge) return this.#adopt(ref)
    this.#edge = ref
    return undefined
  }

  async #addSlowly(ref: NodeRef, isEdge: boolean): Promise<void> {
    await this.#openEdge()
    if (this.#isAligned(ref.level)) await this.addNode(ref, isEdge)
    else await this.#takeApart(ref, isEdge)
  }

  async #openEdge(): Promise<void> {
    while (this.#edge !== undefined) {
      const edge = this.#edge
      this.#edge = undefined
      await this.#takeApart(edge, true)
    }
  }

  async #takeApart(ref: NodeRef, isEdge: boolean): Promise<void> {
    const node = await loadNode(this.#store, ref)
    for (let index = 0; index < node.length; index += 1) {
      const wait =
        node.level === 0
          ? this.#append(nodeEntry(node, index))
          : this.addNode(nodeChild(node, index), isEdge && index === node.length - 1)
      if (wait !== undefined) await wait
    }
  }

  /** Returns whether a node of this level would begin here. */
  #isAligned(level: number): boolean {
    if (this.#entries.length > 0) return false
    for (let below = 0; below < level; below += 1) {
      if ((this.#levels[below]?.children.length ?? 0) > 0) return false
    }
    return true
  }

  #adopt(ref: NodeRef): Promise<void> | undefined {
    if (this.#lastKey !== undefined && compareBytes(this.#lastKey, ref.key) >= 0) {
      throw new Error('keys of a tree must come in ascending order, each once')
    }
    this.#lastKey = ref.key
    return this.#pushChild(ref)
  }

  /** Adds a finished node to the level above it. */
  #pushChild(ref: NodeRef): Promise<void> | undefined {
    const level = this.#levelAbove(ref.level)
    const before = level.sizeBytes
    const after = before + ref.key.length + CHILD_BYTES
    level.children.push(ref)
    level.sizeBytes = after
    // Two children at least, or levels would never end under settings with tiny nodes.
    if (level.children.length < 2) return undefined
    const isEnd = isBoundary(ref.level + 1, ref.key, { before, after }, this.#settings)
    return isEnd ? this.#cutInternal(ref.level + 1) : undefined
  }

  #levelAbove(level: number): Level {
    for (;;) {
      const found = this.#levels[level]
      if (found !== undefined) return found
      this.#levels.push({ children: [], sizeBytes: 0 })
    }
  }

  async #cutLeaf(): Promise<void> {
    await this.#pushChild(await this.#writeLeaf())
  }

  async #cutInternal(level: number): Promise<void> {
    await this.#pushChild(await this.#writeInternal(level))
  }

  async #writeLeaf(): Promise<NodeRef> {
    const entries = this.#entries
    const sizeBytes = this.#entryBytes
    this.#entries = []
    this.#entryBytes = 0
    const id = await this.#store.putObject('node', encodeLeaf(entries))
    return { id, level: 0, key: lastKeyOf(entries), count: entries.length, sizeBytes }
  }

  async #writeInternal(level: number): Promise<NodeRef> {
    const above = this.#levelAbove(level - 1)
    const { children } = above
    above.children = []
    above.sizeBytes = 0
    const id = await this.#store.putObject('node', encodeInternal(level, children))
    let count = 0
    let sizeBytes = 0
    for (const child of children) {
      count += child.count
      sizeBytes += child.sizeBytes
    }
    return { id, level, key: lastKeyOf(children), count, sizeBytes }
  }

  /** Writes what is left and returns the tree. */
  async finish(): Promise<TreeRef> {
    // Nothing follows, so a node at the edge stays whole: it was kept because it began at a boundary.
    if (this.#edge !== undefined) await this.#adopt(this.#edge)
    this.#edge = undefined
    if (this.#entries.length > 0) {
      const leaf = await this.#writeLeaf()
      if (this.#isTop(0)) return treeOf(leaf)
      await this.#pushChild(leaf)
    }
    for (let level = 1; level <= this.#levels.length; level += 1) {
      const children = this.#levelAbove(level - 1).children
      const [only] = children
      if (only === undefined) continue
      if (this.#isTop(level)) {
        if (children.length === 1) return treeOf(await this.#lowest(only))
        return treeOf(await this.#writeInternal(level))
      }
      await this.#cutInternal(level)
    }
    return EMPTY_TREE
  }

  #isTop(level: number): boolean {
    return this.#levels.slice(level).every(({ children }) => children.length === 0)
  }

  /** The root is the first level with one node: a chain of single children is left out. */
  async #lowest(ref: NodeRef): Promise<NodeRef> {
    let lowest = ref
    while (lowest.level > 0) {
      const node = await loadNode(this.#store, lowest)
      if (node.length > 1) break
      lowest = nodeChild(node, 0)
    }
    return lowest
  }
}

function lastKeyOf(items: readonly { readonly key: Uint8Array }[]): Uint8Array {
  const last = items.at(-1)
  if (last === undefined) throw new Error('a node without entries')
  return last.key
}

function treeOf({ id, count, sizeBytes }: NodeRef): TreeRef {
  return { root: id, count, sizeBytes }
}
