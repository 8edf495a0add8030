import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  buildTree,
  editTree,
  type EntryConflict,
  memoryObjectStore,
  mergeTrees,
  type ObjectStore,
  type ResolveConflict,
  treeNodes,
  type TreeEntry,
  type TreeRef,
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
  type Model,
  modelArbitrary,
  TINY,
} from './tree-model.ts'

const refuse: ResolveConflict = ({ key }) => {
  throw new Error(`nobody should ask for ${Buffer.from(key).toString()}`)
}

describe('mergeTrees', () => {
  it('merges like maps, and asks for the keys that both changed differently', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, editsArbitrary, editsArbitrary, async (base, one, two) => {
        const [merged, expected] = await mergeBoth(
          base,
          applyToModel(base, one),
          applyToModel(base, two),
        )
        expect(merged).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('merges maps that have nothing to do with each other', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, modelArbitrary, modelArbitrary, async (...models) => {
        const [merged, expected] = await mergeBoth(...models)
        expect(merged).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  it('gives the other side when one side did not change', async () => {
    await fc.assert(
      fc.asyncProperty(modelArbitrary, editsArbitrary, async (model, edits) => {
        const store = memoryObjectStore()
        const base = await buildModel(store, model)
        const other = await editTree(store, base, edits, TINY)
        const sides = [
          { base, ours: base, theirs: other },
          { base, ours: other, theirs: base },
          { base, ours: other, theirs: other },
        ]
        for (const side of sides) expect(await mergeTrees(store, side, refuse, TINY)).toEqual(other)
      }),
      { numRuns: 50 },
    )
  })

  it('adopts what one side changed without reading its leaves', async () => {
    const store = memoryObjectStore()
    const entries = manyEntries(20_000)
    const base = await buildTree(store, entries, TINY)
    const ours = await changeValues(store, base, entries.slice(2_000, 6_000))
    const theirs = await changeValues(store, base, entries.slice(12_000, 16_000))

    const counting = countingStore(store)
    const merged = await mergeTrees(counting, { base, ours, theirs }, refuse, TINY)

    const both = entries.map((entry, at) =>
      (at >= 2_000 && at < 6_000) || (at >= 12_000 && at < 16_000) ? changed(entry) : entry,
    )
    expect(merged).toEqual(await buildTree(store, both, TINY))
    const leaves = await leafIds(store, [base, ours, theirs])
    expect(counting.read.filter((id) => leaves.has(id))).toHaveLength(0)
    expect(counting.read.length).toBeLessThan(150)
  })

  it('reads as much as changed for scattered edits of both sides', async () => {
    const store = memoryObjectStore()
    const entries = manyEntries(20_000)
    const base = await buildTree(store, entries, TINY)
    const every = (step: number, from: number): TreeEntry[] =>
      entries.filter((_, at) => at % step === from)
    const ours = await changeValues(store, base, every(1000, 3))
    const theirs = await changeValues(store, base, every(1000, 503))

    const counting = countingStore(store)
    await mergeTrees(counting, { base, ours, theirs }, refuse, TINY)

    const all = await collect(treeNodes(store, base))
    expect(all.length).toBeGreaterThan(1500)
    const leaves = await leafIds(store, [base, ours, theirs])
    expect(counting.read.filter((id) => leaves.has(id)).length).toBeLessThan(20)
    expect(counting.read.length).toBeLessThan(500)
  })

  it('puts what both sides appended one behind the other', async () => {
    const store = memoryObjectStore()
    const entries = manyEntries(3000)
    const base = await buildTree(store, entries.slice(0, 1000), TINY)
    const ours = await buildTree(store, entries.slice(0, 2000), TINY)
    const theirs = await buildTree(store, [...entries.slice(0, 1000), ...entries.slice(2000)], TINY)
    const counting = countingStore(store)
    expect(await mergeTrees(counting, { base, ours, theirs }, refuse, TINY)).toEqual(
      await buildTree(store, entries, TINY),
    )
    const leaves = await leafIds(store, [base, ours, theirs])
    expect(counting.read.filter((id) => leaves.has(id)).length).toBeLessThan(20)
  })

  it('refuses a resolution under another key', async () => {
    const store = memoryObjectStore()
    const tree = (value: string): Promise<TreeRef> => buildTree(store, [entryOf('a', value)], TINY)
    const sides = { base: await tree('0'), ours: await tree('1'), theirs: await tree('2') }
    await expect(mergeTrees(store, sides, () => entryOf('b', ''), TINY)).rejects.toThrow('keep')
  })
})

/** What a merge gave and was asked, by trees and by maps. */
async function mergeBoth(base: Model, ours: Model, theirs: Model): Promise<[unknown, unknown]> {
  const store = memoryObjectStore()
  const conflicts: unknown[] = []
  const sides = {
    base: await buildModel(store, base),
    ours: await buildModel(store, ours),
    theirs: await buildModel(store, theirs),
  }
  const tree = await mergeTrees(
    store,
    sides,
    async (conflict) => {
      conflicts.push(conflict)
      return decide(Buffer.from(conflict.key).toString())
    },
    TINY,
  )
  const expected = mergeModels(base, ours, theirs)
  return [
    { tree, conflicts },
    { tree: await buildModel(store, expected.merged), conflicts: expected.conflicts },
  ]
}

/** Some conflicts end in a removal, some in a long entry. */
function decide(key: string): TreeEntry | undefined {
  return key.endsWith('1') ? undefined : entryOf(key, 'both'.repeat(key.length % 15))
}

function mergeModels(base: Model, ours: Model, theirs: Model) {
  const merged = new Map<string, TreeEntry>()
  const conflicts: EntryConflict[] = []
  const keys = [...new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])]
  for (const key of keys.toSorted((a, b) => Buffer.compare(keyOf(a), keyOf(b)))) {
    const [was, our, their] = [base, ours, theirs].map((model) => model.get(key))
    let kept = our
    if (isSame(our, was)) kept = their
    else if (!isSame(their, was) && !isSame(our, their)) {
      conflicts.push({ key: keyOf(key), base: was, ours: our, theirs: their })
      kept = decide(key)
    }
    if (kept !== undefined) merged.set(key, kept)
  }
  return { merged, conflicts }
}

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function changed(entry: TreeEntry): TreeEntry {
  return { ...entry, value: keyOf('changed, and longer') }
}

async function changeValues(
  store: ObjectStore,
  tree: TreeRef,
  entries: readonly TreeEntry[],
): Promise<TreeRef> {
  const edits = entries.map((entry) => ({ key: entry.key, entry: changed(entry) }))
  return editTree(store, tree, edits, TINY)
}

async function leafIds(store: ObjectStore, trees: readonly TreeRef[]): Promise<Set<string>> {
  const ids = new Set<string>()
  for (const tree of trees) {
    for await (const { id, level } of treeNodes(store, tree)) if (level === 0) ids.add(id)
  }
  return ids
}
