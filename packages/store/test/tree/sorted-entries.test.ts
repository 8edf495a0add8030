import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SortedEntries, toBlobId, type TreeEntry } from '@dsv/store'
import { entryOf, manyEntries } from './tree-model.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dsv-sorted-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const link = toBlobId('c'.repeat(64))
const entriesArbitrary = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.string({ maxLength: 5 }), fc.boolean())
    .map(([key, value, isLinked]) => entryOf(`k${key}`, value, isLinked ? [link] : [])),
  { maxLength: 200, size: 'max' },
)

describe('SortedEntries', () => {
  it('sorts by key and keeps the last of each, in memory and in files', async () => {
    await fc.assert(
      fc.asyncProperty(
        entriesArbitrary,
        fc.constantFrom({}, { folder, memoryBytes: 1 }, { folder, memoryBytes: 5000 }),
        async (entries, options) => {
          const sorted = new SortedEntries({ ...options, ...('folder' in options && { folder }) })
          for (const entry of entries) sorted.add(entry)
          expect([...sorted.sorted()]).toEqual(lastOfEach(entries))
          expect([...sorted.sorted()]).toEqual(lastOfEach(entries))
          sorted.close()
          expect(await readdir(folder)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('reads back entries that are larger than its buffers', () => {
    const sorted = new SortedEntries({ folder, memoryBytes: 1000 })
    const entries = [
      entryOf('b', 'x'.repeat(700_000)),
      entryOf(
        'a',
        'y'.repeat(300_000),
        Array.from({ length: 9000 }, () => link),
      ),
      entryOf('c', ''),
    ]
    for (const entry of entries) sorted.add(entry)
    expect([...sorted.sorted()].map((entry) => Buffer.from(entry.key).toString())).toEqual([
      'a',
      'b',
      'c',
    ])
    expect([...sorted.sorted()]).toEqual(lastOfEach(entries))
    sorted.close()
  })

  it('lets the caller choose between duplicates, in the order they were added', () => {
    for (const memoryBytes of [1, 600, 1_000_000]) {
      const seen: string[] = []
      const sorted = new SortedEntries({
        folder,
        memoryBytes,
        onDuplicate: (_key, earlier, later) => {
          const [a, b] = [earlier, later].map(({ value }) => Buffer.from(value).toString())
          seen.push(`${a}${b}`)
          return earlier
        },
      })
      for (const value of ['1', '2', '3', '4']) sorted.add(entryOf('k', value))
      expect([...sorted.sorted()]).toEqual([entryOf('k', '1')])
      expect(new Set(seen)).toContain('12')
      sorted.close()
    }
  })

  it('leaves no file when the caller refuses a duplicate, and closes', async () => {
    const sorted = new SortedEntries({
      folder,
      memoryBytes: 1,
      onDuplicate: () => {
        throw new Error('twice')
      },
    })
    for (const key of ['b', 'a', 'b']) sorted.add(entryOf(key, key))
    expect(() => [...sorted.sorted()]).toThrow('twice')
    sorted.close()
    expect(await readdir(folder)).toEqual([])
  })

  it('keeps at most some dozen files', async () => {
    const sorted = new SortedEntries({ folder, memoryBytes: 1 })
    const entries = manyEntries(300)
    for (const entry of entries.toReversed()) sorted.add(entry)
    const [own = ''] = await readdir(folder)
    expect((await readdir(join(folder, own))).length).toBeLessThanOrEqual(65)
    expect([...sorted.sorted()]).toEqual(entries)
    sorted.close()
  })
})

function lastOfEach(entries: readonly TreeEntry[]): TreeEntry[] {
  const byKey = new Map(entries.map((entry) => [Buffer.from(entry.key).toString(), entry]))
  return [...byKey.values()].toSorted((a, b) => Buffer.compare(a.key, b.key))
}
