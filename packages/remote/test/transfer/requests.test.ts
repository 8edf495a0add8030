import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { add, commit, type Repository, switchTo } from '@dsv/core'
import { fetch, openDriver, openRemote, push, type RemoteRepository } from '@dsv/remote'
import { memoryDriver, type ObjectId, type StorageDriver, Store } from '@dsv/store'
import { box, tinyRepository } from '../../../core/test/tiny-repository.ts'
import { startS3Server } from '../driver/s3/s3-server.ts'
import { emptyRepository } from './two-people.ts'

const MAIN = 'refs/heads/main'
const FILES = 2000
/** As 64 MiB are to 100 KB. */
const [FILE_BYTES, PACK_BYTES] = [100, 67_000]
const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close()
})

/** A storage that notes what is asked of it: `write objects/pack/…`. */
interface Counted {
  readonly driver: StorageDriver
  /** Bytes of what was read and written since the last call of `take`, and the requests. */
  take(): { readonly requests: readonly string[]; readonly bytes: number }
}

function counted(driver: StorageDriver): Counted {
  let requests: string[] = []
  let bytes = 0
  const seen = <Result>(name: string, file: string, result: Result): Result => {
    requests.push(`${name} ${file}`)
    return result
  }
  const weighed = async (read: Promise<Uint8Array>): Promise<Uint8Array> => {
    const got = await read
    bytes += got.length
    return got
  }
  return {
    driver: {
      ...driver,
      location: driver.location,
      localFolder: undefined,
      packBelowBytes: 16 * 2 ** 20,
      read: async (file) => weighed(seen('read', file, driver.read(file))),
      readRange: async (file, offset, length) =>
        weighed(seen('read', file, driver.readRange(file, offset, length))),
      sizeOf: async (file) => seen('size', file, driver.sizeOf(file)),
      list: (prefix) => seen('list', prefix, driver.list(prefix)),
      delete: async (file) => seen('delete', file, driver.delete(file)),
      readVersioned: async (file) => seen('read', file, driver.readVersioned(file)),
      flush: async () => driver.flush(),
      write: async (file, content) => {
        bytes += content.length
        return seen('write', file, driver.write(file, content))
      },
      replaceIf: async (file, expected, content) => {
        bytes += content.length
        return seen('write', file, driver.replaceIf(file, expected, content))
      },
    },
    take() {
      const taken = { requests, bytes }
      requests = []
      bytes = 0
      return taken
    },
  }
}

async function remoteIn(driver: StorageDriver): Promise<() => Promise<RemoteRepository>> {
  await Store.create(driver, { settings: { packTargetBytes: PACK_BYTES } })
  return async () => openRemote('origin', driver)
}

const fileOf = (number: number): string => `data/f${String(number).padStart(4, '0')}.bin`

async function twoThousandFiles(): Promise<{
  readonly repository: Repository
  readonly edit: (numbers: readonly number[]) => Promise<ObjectId>
}> {
  const made = await emptyRepository()
  opened.push(made)
  const { repository } = made
  mkdirSync(path.join(repository.folder, 'data'))
  const edit = async (numbers: readonly number[]): Promise<ObjectId> => {
    for (const number of numbers)
      writeFileSync(path.join(repository.folder, fileOf(number)), randomBytes(FILE_BYTES))
    await add(repository, { paths: [''] })
    return (await commit(repository, { message: 'edit' })).commitId
  }
  return { repository, edit }
}

async function newcomer(): Promise<Repository> {
  const made = await emptyRepository()
  opened.push(made)
  return made.repository
}

const all = Array.from({ length: FILES }, (_, number) => number)
const percent = all.filter((number) => number % 100 === 7)

describe('requests to a storage that packs everything', () => {
  it('stay few for 2,000 files, and after small changes', async () => {
    const storage = counted(memoryDriver())
    const open = await remoteIn(storage.driver)
    const { repository, edit } = await twoThousandFiles()
    const first = await edit(all)
    const to = async (commitId: ObjectId): Promise<ReturnType<Counted['take']>> => {
      storage.take()
      await push(repository, await open(), [{ name: MAIN, to: commitId }])
      return storage.take()
    }
    const wanted = [{ name: MAIN, to: first }]
    const dry = await push(repository, await open(), wanted, { dryRun: true })
    const pushed = await to(first)
    // It also says how many requests it will take.
    expect(dry.count).toMatchObject({ commits: 1, blobs: FILES, blobBytes: FILES * FILE_BYTES })
    expect(Math.abs((dry.requests ?? 0) - pushed.requests.length)).toBeLessThanOrEqual(2)
    expect(pushed.requests.length).toBeLessThanOrEqual(25)
    // Four packs of media, and two of metadata, which are as large as they are with files of any size.
    expect(pushed.requests.filter((line) => line.startsWith('write objects/pack/'))).toHaveLength(6)
    expect((await to(first)).requests).toEqual(['read root'])

    const other = await newcomer()
    storage.take()
    await fetch(other, await open())
    const cloned = storage.take()
    expect(cloned.requests.length).toBeLessThanOrEqual(25)
    // Nothing is read twice.
    expect(cloned.bytes).toBeLessThan(pushed.bytes)
    await fetch(other, await open())
    expect(storage.take().requests).toEqual(['read root'])

    expect((await to(await edit(percent))).requests.length).toBeLessThanOrEqual(12)
    await fetch(other, await open())
    const updated = storage.take()
    expect(updated.requests.length).toBeLessThanOrEqual(14)
    // The nodes of the tree, nearly all of which have one of the files, are most of it.
    expect(updated.bytes).toBeLessThan(90_000)
    await switchTo(other, { target: 'main', create: true, start: 'origin/main' })
    expect(readdirSync(path.join(other.folder, 'data'))).toHaveLength(FILES)
    for (const number of [0, ...percent, FILES - 1])
      expect(readFileSync(path.join(other.folder, fileOf(number)))).toEqual(
        readFileSync(path.join(repository.folder, fileOf(number))),
      )
  })

  it('are for labels only when only labels changed', async () => {
    const tiny = await tinyRepository()
    opened.push(tiny)
    for (let number = 0; number < 500; number += 1) tiny.item(`train/${number}`, [box('cat', 1)])
    const storage = counted(memoryDriver())
    const open = await remoteIn(storage.driver)
    const push1 = await tiny.commit('first')
    await push(tiny.repository, await open(), [{ name: MAIN, to: push1 }])
    storage.take()
    tiny.item('train/7', [box('dog', 2)])
    const second = await tiny.commit('relabel')
    const { count } = await push(tiny.repository, await open(), [{ name: MAIN, to: second }])
    const { requests, bytes } = storage.take()
    // The file of the item is all that is new.
    expect(count).toMatchObject({ blobs: 1 })
    expect(requests.length).toBeLessThanOrEqual(11)
    // No pack is read, and the index is known since the first push.
    expect(requests.filter((line) => /^(read|size|list) objects/.test(line))).toEqual([])
    expect(bytes).toBeLessThan(40_000)
  })

  it('are few for a large file, and only for what is new in it', async () => {
    const made = await emptyRepository()
    opened.push(made)
    const { repository } = made
    const storage = counted(memoryDriver())
    await Store.create(storage.driver)
    const open = async (): Promise<RemoteRepository> => openRemote('origin', storage.driver)
    const file = path.join(repository.folder, 'video.bin')
    const bytes = randomBytes(66 * 2 ** 20)
    const pushFile = async (): Promise<void> => {
      writeFileSync(file, bytes)
      await add(repository, { paths: [''] })
      const { commitId } = await commit(repository, { message: 'edit' })
      await push(repository, await open(), [{ name: MAIN, to: commitId }])
    }
    await pushFile()
    const other = await newcomer()
    storage.take()
    await fetch(other, await open())
    const cloned = storage.take()
    expect(cloned.requests.length).toBeLessThanOrEqual(16)
    expect(cloned.bytes).toBeLessThan(1.02 * bytes.length)

    bytes[5_000_000] = (bytes[5_000_000] ?? 0) ^ 1
    await pushFile()
    storage.take()
    await fetch(other, await open())
    // A chunk has 4 MiB at most, and a change may move an end.
    expect(storage.take().bytes).toBeLessThan(10 * 2 ** 20)
    await switchTo(other, { target: 'main', create: true, start: 'origin/main' })
    expect(readFileSync(path.join(other.folder, 'video.bin')).equals(bytes)).toBe(true)
  })

  it('are as few over S3', async () => {
    const server = await startS3Server()
    opened.push({ close: async () => server.stop() })
    const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
    const openBucket = (): Promise<StorageDriver> =>
      openDriver('s3://bucket/data', { base: '.', options: { endpoint: server.url }, env })
    await remoteIn(await openBucket())
    const open = async (): Promise<RemoteRepository> => openRemote('origin', await openBucket())
    const { repository, edit } = await twoThousandFiles()
    const first = await edit(all)
    const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
      server.log.length = 0
      await work()
      return server.log.length
    }
    const pushMain = async (to: ObjectId): Promise<number> =>
      requestsOf(async () => push(repository, await open(), [{ name: MAIN, to }]))
    const other = await newcomer()
    const fetchAll = async (): Promise<number> => requestsOf(async () => fetch(other, await open()))
    expect(await pushMain(first)).toBeLessThanOrEqual(25)
    expect(await pushMain(first)).toBe(1)
    expect(await fetchAll()).toBeLessThanOrEqual(25)
    expect(await fetchAll()).toBe(1)
    expect(await pushMain(await edit(percent))).toBeLessThanOrEqual(12)
    expect(await fetchAll()).toBeLessThanOrEqual(14)
  })
})
