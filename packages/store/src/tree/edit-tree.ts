import type { ObjectStore } from '../object/object-store.ts'
import { compareBytes, equalBytes } from './compare-bytes.ts'
import { loadNode, loadRoot } from './node-cache.ts'
import { compareKeyAt, nodeChild, nodeEntry, nodeKey, type TreeNode } from './node.ts'
import { TreeBuilder } from './tree-builder.ts'
import type { TreeSettings } from './tree-settings.ts'
import type { TreeEdit, TreeRef } from './tree.ts'

/**
 * Returns the tree with the edits applied: the same as a new tree of the resulting entries. Edits
 * come in ascending order of their keys, each once; removing a key that is not there does nothing.
 * Reads and writes the nodes above and around the edits only.
 *
 * @throws `DSV_TREE_KEY_TOO_LONG`, `DSV_TREE_CORRUPT`
 */
export async function editTree(
  store: ObjectStore,
  tree: TreeRef,
  edits: Iterable<TreeEdit> | AsyncIterable<TreeEdit>,
  settings?: TreeSettings,
): Promise<TreeRef> {
  const source = new EditSource(edits)
  try {
    await source.advance()
    if (source.head === undefined) return tree
    const builder = new TreeBuilder(store, settings)
    const root = await loadRoot(store, tree)
    const context = { store, builder, source }
    if (root !== undefined) await editNode(context, root, true)
    await addBefore(context, undefined)
    return await builder.finish()
  } finally {
    await source.close()
  }
}

interface EditContext {
  readonly store: ObjectStore
  readonly builder: TreeBuilder
  readonly source: EditSource
}

async function editNode(context: EditContext, node: TreeNode, isEdge: boolean): Promise<void> {
  if (node.level === 0) {
    await editLeaf(context, node)
    return
  }
  const { builder, source, store } = context
  for (let index = 0; index < node.length; index += 1) {
    const isLast = isEdge && index === node.length - 1
    const { head } = source
    // What lies behind the last key goes to the last node.
    if (head !== undefined && (isLast || compareKeyAt(node, index, head.key) >= 0)) {
      await editNode(context, await loadNode(store, nodeChild(node, index)), isLast)
    } else {
      const wait = builder.addNode(nodeChild(node, index), isLast)
      if (wait !== undefined) await wait
    }
  }
}

async function editLeaf(context: EditContext, leaf: TreeNode): Promise<void> {
  const { builder, source } = context
  for (let index = 0; index < leaf.length; index += 1) {
    if (source.head !== undefined && compareKeyAt(leaf, index, source.head.key) > 0) {
      await addBefore(context, nodeKey(leaf, index))
    }
    const { head } = source
    if (head !== undefined && compareKeyAt(leaf, index, head.key) === 0) {
      if (head.entry !== undefined) await builder.addEntry(head.entry)
      await source.advance()
    } else {
      const wait = builder.addStored(nodeEntry(leaf, index))
      if (wait !== undefined) await wait
    }
  }
}

/** Adds the edits whose keys are less than `end`, all when there is no end. */
async function addBefore(context: EditContext, end: Uint8Array | undefined): Promise<void> {
  const { builder, source } = context
  for (;;) {
    const { head } = source
    if (head === undefined || (end !== undefined && compareBytes(head.key, end) >= 0)) return
    if (head.entry !== undefined) {
      const wait = builder.addEntry(head.entry)
      if (wait !== undefined) await wait
    }
    await source.advance()
  }
}

/** The edits with a look at the next one; checks their order. */
class EditSource {
  readonly #edits: Iterator<TreeEdit> | AsyncIterator<TreeEdit>
  head: TreeEdit | undefined

  constructor(edits: Iterable<TreeEdit> | AsyncIterable<TreeEdit>) {
    this.#edits =
      Symbol.asyncIterator in edits ? edits[Symbol.asyncIterator]() : edits[Symbol.iterator]()
  }

  async advance(): Promise<void> {
    const step = await this.#edits.next()
    const next = step.done === true ? undefined : step.value
    if (next !== undefined) {
      if (this.head !== undefined && compareBytes(this.head.key, next.key) >= 0) {
        throw new Error('edits must come in ascending order of their keys, each key once')
      }
      if (next.entry !== undefined && !equalBytes(next.entry.key, next.key)) {
        throw new Error('the entry of an edit must have the key of the edit')
      }
    }
    this.head = next
  }

  /** Lets a generator that was not read to its end clean up. */
  async close(): Promise<void> {
    if (this.head !== undefined) await this.#edits.return?.()
  }
}
