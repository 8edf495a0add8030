import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  buildTree,
  editTree,
  EMPTY_TREE,
  memoryObjectStore,
  TREE_SETTINGS,
  type TreeEdit,
  treeNodes,
} from '@dsv/store'
import {
  applyToModel,
  buildModel,
  collect,
  countingStore,
  editsArbitrary,
  entryOf,
  keyOf,
  manyEntries,
  modelArbitrary,
  TINY,
} from './tree-model.ts'

describe('editTree', () => {
  it('gives the tree that the resulting entries would give, whatever the edits were', async () => {
    await fc.assert(
      fc.asyncProperty(
        modelArbitrary,
        fc.array(editsArbitrary, { minLength: 1, maxLength: 4 }),
        async (start, rounds) => {
          const store = memoryObjectStore()
          let model = start
          let tree = await buildModel(store, model)
          for (const edits of rounds) {
            tree = await editTree(store, tree, edits, TINY)
            model = applyToModel(model, edits)
            expect(tree).toEqual(await buildModel(store, model))
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('gives the same tree for clustered edits that move many boundaries', async () => {
    const entries = manyEntries(3000)
    const store = memoryObjectStore()
    const tree = await buildTree(store, entries, TINY)
    const changed = entries.map((entry, index) =>
      index > 1000 && index < 2200 ? { ...entry, value: keyOf('x'.repeat(index % 37)) } : entry,
    )
    const edits = changed.slice(1001, 2200).map((entry) => ({ key: entry.key, entry }))

    expect(await editTree(store, tree, edits, TINY)).toEqual(await buildTree(store, changed, TINY))
  })

  it('drops levels when little is left, and all of them when nothing is', async () => {
    const entries = manyEntries(2000)
    const store = memoryObjectStore()
    const tree = await buildTree(store, entries, TINY)

    for (const kept of [0, 1, 2, 30, 200]) {
      const left = await editTree(store, tree, entries.slice(kept).map(removal), TINY)
      expect(left).toEqual(await buildTree(store, entries.slice(0, kept), TINY))
      const right = await editTree(store, tree, entries.slice(0, -kept || 2000).map(removal), TINY)
      expect(right).toEqual(await buildTree(store, kept === 0 ? [] : entries.slice(-kept), TINY))
    }
    expect(await editTree(store, tree, entries.map(removal), TINY)).toEqual(EMPTY_TREE)
  })

  it('drops an internal node at the right edge that has a single child', async () => {
    const store = memoryObjectStore()
    const all = manyEntries(400)
    let checked = 0
    for (let count = 100; count < all.length; count += 1) {
      const entries = all.slice(0, count)
      const tree = await buildTree(store, entries, TINY)
      const nodes = await collect(treeNodes(store, tree))
      const last = nodes.findLast((node) => node.level === 1)
      const leaf = nodes.at(-1)
      if (leaf === undefined || last?.count !== leaf.count || last.id === tree.root) continue
      checked += 1
      const rest = entries.slice(-leaf.count)
      const edited = await editTree(store, tree, entries.slice(0, -leaf.count).map(removal), TINY)
      expect(edited).toEqual(await buildTree(store, rest, TINY))
    }
    expect(checked).toBeGreaterThan(0)
  })

  it('reads and writes one node per level for one edit, or little more', async () => {
    const store = countingStore()
    const entries = manyEntries(20_000, 100)
    const tree = await buildTree(store, entries, TREE_SETTINGS)
    for (const index of [0, 777, 10_000, 19_999]) {
      const fresh = countingStore(store)
      const { key } = entries[index] ?? entryOf('', '')
      const entry = { key, value: keyOf(`${'e'.repeat(99)}!`), links: [] }
      await editTree(fresh, tree, [{ key, entry }])
      expect(fresh.read.length).toBeLessThanOrEqual(4)
      expect(fresh.written.length).toBeLessThanOrEqual(4)
    }
  })

  it('returns the tree itself without edits', async () => {
    const store = memoryObjectStore()
    const tree = await buildTree(store, manyEntries(50), TINY)
    expect(await editTree(store, tree, [], TINY)).toBe(tree)
  })

  it('takes edits from an asynchronous source and closes it when it fails', async () => {
    const store = memoryObjectStore()
    let isClosed = false
    async function* source(): AsyncGenerator<TreeEdit> {
      try {
        yield { key: keyOf('b'), entry: entryOf('b', '1') }
        yield { key: keyOf('a'), entry: entryOf('a', '1') }
        yield { key: keyOf('c'), entry: entryOf('c', '1') }
      } finally {
        isClosed = true
      }
    }
    await expect(editTree(store, EMPTY_TREE, source(), TINY)).rejects.toThrow('ascending order')
    expect(isClosed).toBe(true)
  })

  it('refuses an edit whose entry has another key', async () => {
    const edit = { key: keyOf('a'), entry: entryOf('b', '1') }
    await expect(editTree(memoryObjectStore(), EMPTY_TREE, [edit])).rejects.toThrow(
      'key of the edit',
    )
  })
})

function removal({ key }: { readonly key: Uint8Array }): TreeEdit {
  return { key, entry: undefined }
}
