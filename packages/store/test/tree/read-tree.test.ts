import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  buildTree,
  countEntries,
  EMPTY_TREE,
  firstEntry,
  getEntries,
  getEntry,
  keyAt,
  lastEntry,
  memoryObjectStore,
  prefixRange,
  scanBatches,
  toObjectId,
  treeNodes,
} from '@dsv/store'
import {
  buildModel,
  collect,
  countingStore,
  entriesOf,
  entryOf,
  inRange,
  keyOf,
  manyEntries,
  modelArbitrary,
  rangeArbitrary,
  sortedEntries,
  TINY,
} from './tree-model.ts'

describe('reading a tree', () => {
  it('agrees with a sorted map', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, rangeArbitrary, async (model, range) => {
        const store = memoryObjectStore()
        const tree = await buildModel(store, model)
        const sorted = sortedEntries(model)
        const wanted = sorted.filter((entry) => inRange(entry, range))

        expect(tree.count).toBe(sorted.length)
        expect(await entriesOf(store, tree, range)).toEqual(wanted)
        expect(await countEntries(store, tree, range)).toBe(wanted.length)
        expect(await firstEntry(store, tree)).toEqual(sorted[0])
        expect(await lastEntry(store, tree)).toEqual(sorted.at(-1))
        const some = [...sorted.slice(0, 5), ...sorted.slice(-5)]
        for (const entry of some) expect(await getEntry(store, tree, entry.key)).toEqual(entry)
        for (const index of [-1, 0.5, 0, sorted.length >> 1, sorted.length]) {
          expect(await keyAt(store, tree, index)).toEqual(sorted[index]?.key)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('finds many keys at once, present or not', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, modelArbitrary, async (model, other) => {
        const store = memoryObjectStore()
        const tree = await buildModel(store, model)
        const keys = sortedEntries(new Map([...model, ...other])).map((entry) => entry.key)
        const found = await getEntries(store, tree, keys)
        expect(found).toEqual(keys.map((key) => model.get(Buffer.from(key).toString())))
      }),
      { numRuns: 100 },
    )
  })

  it('reads each node once for many keys', async () => {
    const entries = manyEntries(3000)
    const inner = memoryObjectStore()
    const tree = await buildTree(inner, entries, TINY)
    const store = countingStore(inner)
    await getEntries(
      store,
      tree,
      entries.map((entry) => entry.key),
    )
    expect(store.read).toHaveLength((await collect(treeNodes(inner, tree))).length)
    expect(new Set(store.read).size).toBe(store.read.length)
  })

  it('reads two nodes per level to count a range', async () => {
    const inner = memoryObjectStore()
    const tree = await buildTree(inner, manyEntries(20_000), TINY)
    const levels = ((await collect(treeNodes(inner, tree)))[0]?.level ?? 0) + 1
    const store = countingStore(inner)
    const range = { from: keyOf('k0000100'), to: keyOf('k0019900') }
    expect(await countEntries(store, tree, range)).toBe(19_800)
    expect(store.read.length).toBeLessThanOrEqual(2 * levels)
  })

  it('reads a leaf for a short range, not the tree', async () => {
    const inner = memoryObjectStore()
    const tree = await buildTree(inner, manyEntries(20_000), TINY)
    const store = countingStore(inner)
    const range = prefixRange(keyOf('k001234'))
    expect((await collect(scanBatches(store, tree, range))).flat()).toHaveLength(10)
    expect(store.read.length).toBeLessThan(16)
  })

  it('finds nothing in the empty tree', async () => {
    const store = memoryObjectStore()
    expect(await getEntry(store, EMPTY_TREE, keyOf('a'))).toBeUndefined()
    expect(await getEntries(store, EMPTY_TREE, [keyOf('a')])).toEqual([undefined])
    expect(await firstEntry(store, EMPTY_TREE)).toBeUndefined()
    expect(await lastEntry(store, EMPTY_TREE)).toBeUndefined()
    expect(await countEntries(store, EMPTY_TREE, { from: keyOf('a') })).toBe(0)
    expect(await collect(treeNodes(store, EMPTY_TREE))).toEqual([])
  })

  it('refuses keys that are not in order', async () => {
    const keys = [keyOf('b'), keyOf('a')]
    await expect(getEntries(memoryObjectStore(), EMPTY_TREE, keys)).rejects.toThrow('order')
  })

  it('refuses a tree whose sums are not those of its root', async () => {
    const store = memoryObjectStore()
    const tree = await buildTree(store, [entryOf('a', '1')])
    const wrong = { ...tree, count: 2 }
    await expect(getEntry(store, wrong, keyOf('a'))).rejects.toMatchObject({
      code: 'DSV_TREE_CORRUPT',
    })
  })

  it('says which node is missing', async () => {
    const tree = { root: toObjectId('0'.repeat(64)), count: 1, sizeBytes: 4 }
    await expect(getEntry(memoryObjectStore(), tree, keyOf('a'))).rejects.toMatchObject({
      code: 'DSV_OBJECT_NOT_FOUND',
    })
  })
})

describe('treeNodes', () => {
  it('names every node once, parents first, and reads no leaf', async () => {
    const inner = countingStore()
    const tree = await buildTree(inner, manyEntries(2000), TINY)
    const store = countingStore(inner)
    const nodes = await collect(treeNodes(store, tree))
    expect(nodes.map((node) => node.id).toSorted()).toEqual([...new Set(inner.written)].toSorted())
    expect(nodes[0]).toMatchObject({ id: tree.root, count: 2000, sizeBytes: tree.sizeBytes })
    const leaves = nodes.filter((node) => node.level === 0)
    expect(leaves.reduce((sum, leaf) => sum + leaf.count, 0)).toBe(2000)
    expect(store.read).toHaveLength(nodes.length - leaves.length)
  })
})

describe('prefixRange', () => {
  it('holds exactly the keys with the prefix', () => {
    const bytes = fc.uint8Array({ maxLength: 3 }).map((all) => all.map((b) => (b < 200 ? b : 255)))
    fc.assert(
      fc.property(bytes, bytes, (prefix, key) => {
        const begins = Buffer.from(key.subarray(0, prefix.length)).equals(prefix)
        expect(inRange({ key }, prefixRange(prefix))).toBe(begins)
      }),
      { numRuns: 1000 },
    )
  })
})
