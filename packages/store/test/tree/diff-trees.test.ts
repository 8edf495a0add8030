import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  buildTree,
  diffTrees,
  editTree,
  EMPTY_TREE,
  memoryObjectStore,
  type TreeChange,
} from '@dsv/store'
import {
  buildModel,
  collect,
  countingStore,
  entryOf,
  inRange,
  keyOf,
  manyEntries,
  type Model,
  modelArbitrary,
  rangeArbitrary,
  sortedEntries,
  TINY,
} from './tree-model.ts'

describe('diffTrees', () => {
  it('names what differs between two maps, in order', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, modelArbitrary, rangeArbitrary, async (a, b, range) => {
        const store = memoryObjectStore()
        const changes = await collect(
          diffTrees(store, await buildModel(store, a), await buildModel(store, b), range),
        )
        expect(changes).toEqual(diffModels(a, b).filter((change) => inRange(change, range)))
      }),
      { numRuns: 150 },
    )
  })

  it('turns the one tree into the other when applied', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, modelArbitrary, async (a, b) => {
        const store = memoryObjectStore()
        const from = await buildModel(store, a)
        const to = await buildModel(store, b)
        async function* edits() {
          for await (const { key, to: entry } of diffTrees(store, from, to)) yield { key, entry }
        }
        expect(await editTree(store, from, edits(), TINY)).toEqual(to)
      }),
      { numRuns: 100 },
    )
  })

  it('reads the changed paths only', async () => {
    const store = memoryObjectStore()
    const entries = manyEntries(20_000)
    const tree = await buildTree(store, entries, TINY)
    const edited = await editTree(
      store,
      tree,
      [5, 9_000, 19_990].map((at) => {
        const key = entries[at]?.key ?? keyOf('')
        return { key, entry: { key, value: keyOf('changed'), links: [] } }
      }),
      TINY,
    )
    const counting = countingStore(store)
    expect(await collect(diffTrees(counting, tree, edited))).toHaveLength(3)
    expect(counting.read.length).toBeLessThan(100)
    expect(new Set(counting.read).size).toBe(counting.read.length)
  })

  it('reads little when levels differ', async () => {
    const store = memoryObjectStore()
    const entries = manyEntries(4000)
    const tall = await buildTree(store, entries, TINY)
    for (const kept of [3999, 3990, 3800]) {
      const low = await buildTree(store, entries.slice(0, kept), TINY)
      const counting = countingStore(store)
      expect(await collect(diffTrees(counting, low, tall))).toHaveLength(4000 - kept)
      expect(counting.read.length).toBeLessThan(40 + (4000 - kept) / 2)
    }
  })

  it('compares with the empty tree', async () => {
    const store = memoryObjectStore()
    const tree = await buildTree(store, [entryOf('a', '1')], TINY)
    expect(await collect(diffTrees(store, EMPTY_TREE, tree))).toEqual([
      { key: keyOf('a'), from: undefined, to: entryOf('a', '1') },
    ])
    expect(await collect(diffTrees(store, tree, EMPTY_TREE))).toEqual([
      { key: keyOf('a'), from: entryOf('a', '1'), to: undefined },
    ])
    expect(await collect(diffTrees(store, EMPTY_TREE, EMPTY_TREE))).toEqual([])
  })
})

function diffModels(a: Model, b: Model): TreeChange[] {
  return sortedEntries(new Map([...a, ...b])).flatMap(({ key }) => {
    const text = Buffer.from(key).toString()
    const from = a.get(text)
    const to = b.get(text)
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ key, from, to }]
  })
}
