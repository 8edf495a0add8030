import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type FileStat,
  hashBlob,
  type LevelCache,
  loadStatCache,
  openLevelCache,
  type StatCacheEntry,
  toObjectId,
} from '@dsv/store'

const SECOND_NS = 1_000_000_000n
const NOW_NS = 1_700_000_000n * SECOND_NS

function stat(change: Partial<FileStat> = {}): FileStat {
  const old = NOW_NS - 100n * SECOND_NS
  return { sizeBytes: 10, mtimeNs: old, ctimeNs: old, ino: 7n, mode: 0o644, ...change }
}

const blobId = hashBlob(Buffer.from('content'))
const tree = toObjectId('ab'.repeat(32))

let folder: string
let level: LevelCache | undefined

async function open(): Promise<LevelCache> {
  level = await openLevelCache(path.join(folder, 'cache'))
  if (level === undefined) throw new Error('The cache is not free')
  return level
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dsv-cache-'))
})

afterEach(async () => {
  await level?.close()
  await rm(folder, { recursive: true, force: true })
})

describe('loadStatCache', () => {
  it('knows a file again after the cache was closed', async () => {
    const cache = loadStatCache(await open())
    await cache.update({ entries: [{ path: 'a/b.txt', stat: stat(), blobId, seenNs: NOW_NS }] })
    await level?.close()

    const again = loadStatCache(await open())

    expect(again.lookup('a/b.txt', stat())).toBe(blobId)
    expect(again.lookup('a/c.txt', stat())).toBeUndefined()
  })

  it.each<[string, Partial<FileStat>]>([
    ['size', { sizeBytes: 11 }],
    ['mtime', { mtimeNs: NOW_NS - 99n * SECOND_NS }],
    ['ctime alone', { ctimeNs: NOW_NS - 100n * SECOND_NS + 1n }],
    ['inode', { ino: 8n }],
    ['mode', { mode: 0o755 }],
  ])('does not trust an entry when the %s differs', async (_what, change) => {
    const cache = loadStatCache(await open())
    await cache.update({ entries: [{ path: 'file', stat: stat(), blobId, seenNs: NOW_NS }] })

    expect(cache.lookup('file', stat(change))).toBeUndefined()
  })

  it.each<[string, Partial<FileStat>]>([
    ['mtime', { mtimeNs: NOW_NS - SECOND_NS }],
    ['ctime', { ctimeNs: NOW_NS - SECOND_NS }],
    ['mtime in the future', { mtimeNs: NOW_NS + 100n * SECOND_NS }],
    ['mtime, to the nanosecond,', { mtimeNs: NOW_NS - 15_000_001n, ctimeNs: NOW_NS - 90_000_001n }],
  ])(
    'trusts a file whose %s is as young as the entry only after reading it again',
    async (_w, young) => {
      const cache = loadStatCache(await open())
      const entry = { path: 'file', stat: stat(young), blobId, seenNs: NOW_NS }
      await cache.update({ entries: [entry] })
      expect(cache.lookup('file', stat(young))).toBeUndefined()

      await cache.update({ entries: [{ ...entry, seenNs: NOW_NS + 200n * SECOND_NS }] })

      expect(cache.lookup('file', stat(young))).toBe(blobId)
    },
  )

  it('trusts a file that changed longer ago than a fine clock ticks', async () => {
    const cache = loadStatCache(await open())
    const times = { mtimeNs: NOW_NS - 30_000_001n, ctimeNs: NOW_NS - 30_000_001n }
    await cache.update({ entries: [{ path: 'f', stat: stat(times), blobId, seenNs: NOW_NS }] })

    expect(cache.lookup('f', stat(times))).toBe(blobId)
  })

  it('forgets the clean tree when an update does not name one', async () => {
    const cache = loadStatCache(await open())
    await cache.update({ cleanTree: tree })
    expect(loadStatCache(level).cleanTree).toBe(tree)

    await cache.update({ removed: ['file'] })

    expect(cache.cleanTree).toBeUndefined()
    expect(loadStatCache(level).cleanTree).toBeUndefined()
  })

  it('holds what a map would hold, however folders are split', async () => {
    const shared = await open()
    const names = fc.integer({ min: 0, max: 1500 }).map((at) => `${at % 3}/image ${at}.jpg`)
    const steps = fc.array(
      fc.record({ put: fc.array(names, { maxLength: 900 }), remove: fc.array(names) }),
      { maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(steps, fc.uuid(), async (edits, prefix) => {
        const expected = new Map<string, StatCacheEntry>()
        for (const [at, { put, remove }] of edits.entries()) {
          const entries = put.map((name) => ({
            path: `${prefix}/${name}`,
            stat: stat({ sizeBytes: at }),
            blobId,
            seenNs: NOW_NS,
          }))
          const removed = remove.map((name) => `${prefix}/${name}`)
          for (const each of removed) expected.delete(each)
          for (const each of entries) expected.set(each.path, each)
          await loadStatCache(shared).update({ entries, removed })
        }
        const cache = loadStatCache(shared)
        for (const { put, remove } of edits) {
          for (const name of [...put, ...remove]) {
            const known = expected.get(`${prefix}/${name}`)
            const found = cache.lookup(`${prefix}/${name}`, known?.stat ?? stat())
            expect(found).toBe(known?.blobId)
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  it('writes one small value when one of 40,000 files changed', async () => {
    const shared = await open()
    const entries = Array.from({ length: 40_000 }, (_, at) => ({
      path: `images/some-long-file-name-${at}.jpg`,
      stat: stat(),
      blobId,
      seenNs: NOW_NS,
    }))
    await loadStatCache(shared).update({ entries })
    let written = 0
    const counting: LevelCache = {
      ...shared,
      batch: (changes) => {
        for (const { value } of changes) written += value?.length ?? 0
        return shared.batch(changes)
      },
    }

    await loadStatCache(counting).update({ entries: entries.slice(0, 1) })

    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(40_000)
    const again = loadStatCache(shared)
    for (const { path: file } of entries) expect(again.lookup(file, stat())).toBe(blobId)
  })

  it('works, knowing nothing, without a cache', async () => {
    const cache = loadStatCache(undefined)
    await cache.update({ entries: [{ path: 'file', stat: stat(), blobId, seenNs: NOW_NS }] })
    expect(cache.lookup('file', stat())).toBeUndefined()
  })
})

describe('openLevelCache', () => {
  it('begins anew when the cache is damaged', async () => {
    await (await open()).batch([{ key: Buffer.from('key'), value: Buffer.from('value') }])
    await level?.close()
    const files = await readdir(path.join(folder, 'cache'))
    const manifests = files.filter((name) => name.startsWith('MANIFEST') || name === 'CURRENT')
    for (const name of manifests) await writeFile(path.join(folder, 'cache', name), 'rubbish')

    const again = await open()

    expect(again.get(Buffer.from('key'))).toBeUndefined()
    await again.batch([{ key: Buffer.from('key'), value: Buffer.from('new') }])
    expect(again.get(Buffer.from('key'))).toEqual(new Uint8Array(Buffer.from('new')))
  })

  it('keeps working when the folder is deleted while it is open', async () => {
    const cache = await open()
    await rm(path.join(folder, 'cache'), { recursive: true })
    const value = Buffer.alloc(200_000, 1)
    for (let at = 0; at < 60; at += 1) await cache.batch([{ key: Buffer.from(`${at}`), value }])
    await cache.close()

    expect((await open()).get(Buffer.from('absent'))).toBeUndefined()
  })
})
