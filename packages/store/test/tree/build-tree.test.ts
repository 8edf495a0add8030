import { describe, expect, it } from '@jest/globals'
import {
  buildTree,
  diffTrees,
  EMPTY_TREE,
  getEntry,
  keyHash32,
  memoryObjectStore,
  toBlobId,
  TREE_SETTINGS,
  type TreeEntry,
  treeNodes,
} from '@dsv/store'
import { collect, entriesOf, entryOf, keyOf, manyEntries, TINY } from './tree-model.ts'

describe('buildTree', () => {
  it('gives the empty tree for no entries', async () => {
    expect(await buildTree(memoryObjectStore(), [])).toEqual(EMPTY_TREE)
  })

  it('sums up key, value, 32 per link and 2', async () => {
    const link = toBlobId('a'.repeat(64))
    const tree = await buildTree(memoryObjectStore(), [
      entryOf('key', 'value', [link, link]),
      entryOf('key2', ''),
    ])
    expect(tree).toMatchObject({ count: 2, sizeBytes: 3 + 5 + 64 + 2 + 4 + 2 })
  })

  it('gives the same tree from an asynchronous source', async () => {
    const store = memoryObjectStore()
    const entries = manyEntries(300)
    async function* source(): AsyncGenerator<TreeEntry> {
      yield* entries
    }
    expect(await buildTree(store, source(), TINY)).toEqual(await buildTree(store, entries, TINY))
  })

  it('keeps the bytes of trees between releases', async () => {
    const store = memoryObjectStore()
    const link = toBlobId('b3'.repeat(32))
    const entries = manyEntries(5000, 60).map((entry, at) =>
      at % 7 === 0 ? { ...entry, links: [link] } : entry,
    )
    const large = entryOf('z', 'y'.repeat(8193))
    expect(await buildTree(store, [...entries, large])).toMatchInlineSnapshot(`
{
  "count": 5001,
  "root": "6b309db6a179e82650810779041b203f88cc2ce202f66e2413836e93c2cdec91",
  "sizeBytes": 372915,
}
`)
  })

  it('cuts leaves by the rule of the format', async () => {
    const entries = manyEntries(4000, 90)
    const store = memoryObjectStore()
    const tree = await buildTree(store, entries)
    const leaves = (await collect(treeNodes(store, tree))).filter((node) => node.level === 0)
    expect(leaves.map((leaf) => leaf.count)).toEqual(cutByRule(entries))
    expect(leaves.length).toBeGreaterThan(20)
  })

  it('keeps a long value in a blob, and compares it without reading it', async () => {
    const store = memoryObjectStore()
    const value = keyOf('x'.repeat(TREE_SETTINGS.inlineBytes + 1))
    const links = [toBlobId('1'.repeat(64))]
    const one = await buildTree(store, [entryOf('a', '1'), { key: keyOf('b'), value, links }])
    const two = await buildTree(store, [entryOf('a', '2'), { key: keyOf('b'), value, links }])
    expect(one.sizeBytes).toBe(1 + 1 + 2 + (1 + 32 + 32 + 2))
    expect(await getEntry(store, one, keyOf('b'))).toEqual({ key: keyOf('b'), value, links })
    const blobless = {
      ...store,
      getBlob: () => Promise.reject(new Error('no blob should be read')),
    }
    expect(await collect(diffTrees(blobless, one, two))).toHaveLength(1)
  })

  it('builds deep trees of the longest keys', async () => {
    const store = memoryObjectStore()
    const entries = Array.from({ length: 300 }, (_, index) =>
      entryOf(String(index).padStart(1024, '0'), ''),
    )
    const tree = await buildTree(store, entries, TINY)
    expect((await collect(treeNodes(store, tree)))[0]?.level).toBeGreaterThan(6)
    expect(await entriesOf(store, tree)).toEqual(entries)
  })

  it('refuses a key that is too long', async () => {
    const entry = entryOf('ä'.repeat(513), '')
    await expect(buildTree(memoryObjectStore(), [entry])).rejects.toMatchObject({
      code: 'DSV_TREE_KEY_TOO_LONG',
      details: { sizeBytes: 1026, limitBytes: 1024 },
    })
  })

  it.each([
    ['equal keys', ['a', 'a']],
    ['unsorted keys', ['b', 'a']],
  ])('refuses %s', async (_, keys) => {
    const entries = keys.map((key) => entryOf(key, '1'))
    await expect(buildTree(memoryObjectStore(), entries)).rejects.toThrow('ascending order')
  })
})

/** The rule as the design states it, in big integers. */
function cutByRule(entries: readonly TreeEntry[]): number[] {
  const counts: number[] = []
  let size = 0
  let count = 0
  for (const { key, value, links } of entries) {
    const before = BigInt(size) / 64n
    size += key.length + value.length + 32 * links.length + 2
    count += 1
    const after = BigInt(size) / 64n
    const fires = BigInt(keyHash32(0, key)) < after ** 4n - before ** 4n
    if (size >= 65_536 || (size >= 2048 && fires)) {
      counts.push(count)
      size = 0
      count = 0
    }
  }
  return count > 0 ? [...counts, count] : counts
}
