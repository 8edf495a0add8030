import { afterAll, describe, expect, it } from '@jest/globals'
import {
  beginObjectWrites,
  type BlobId,
  type ClosableObjectReader,
  folderDriver,
  type FragmentSource,
  hashBlob,
  memoryDriver,
  nodeFileSystem,
  type ObjectId,
  type ObjectWriteOptions,
  type ObjectWriteSession,
  openObjectReader,
  type StorageDriver,
  toBlobId,
} from '@dsv/store'
import fc from 'fast-check'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const sandbox = mkdtempSync(path.join(tmpdir(), 'dsv-object-'))
afterAll(() => rmSync(sandbox, { recursive: true }))
let made = 0

const small: ObjectWriteOptions = {
  packBelowBytes: 64,
  chunkFromBytes: 2048,
  chunkSizes: { min: 64, average: 256, max: 1024 },
  packTargetBytes: 600,
  packTargetEntries: 8,
}

interface Repository {
  readonly driver: StorageDriver
  readonly live: FragmentSource & { names: readonly string[] }
  readonly reader: ClosableObjectReader
  begin(): ObjectWriteSession
  commit(session: ObjectWriteSession): Promise<void>
}

function open(driver: StorageDriver): Repository {
  const live = {
    names: [] as readonly string[],
    current: () => live.names,
    reload: async () => live.names,
  }
  const reader = openObjectReader(driver, live)
  return {
    driver,
    live,
    reader,
    begin: () => beginObjectWrites(driver, reader, { ...small, liveFragments: live.names }),
    async commit(session) {
      const { fragments, replaces } = await session.seal()
      const kept = live.names.filter((name) => !replaces.includes(name))
      live.names = [...new Set([...kept, ...fragments.map(({ name }) => name)])]
    },
  }
}

/** Flushing takes most of the time here and changes nothing that these tests see. */
const unflushed = { ...nodeFileSystem, fsync: () => {}, syncAll: () => true }

const drivers = [
  ['a folder', () => folderDriver(path.join(sandbox, `${(made += 1)}`), { files: unflushed })],
  ['memory', () => memoryDriver()],
] as const

function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed + 1
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[index] = state >>> 24
  }
  return bytes
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function streamed(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(Uint8Array.from(piece))
  return Buffer.concat(all)
}

describe.each(drivers)('beginObjectWrites in %s', (_, openDriver) => {
  it('gives back every blob and object: pending, sealed, and in the next process', async () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 63, 64, 65, 700, 2047, 2048, 5000), {
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(sizes, { maxLength: 4 }), async (batches) => {
        const repository = open(openDriver())
        const blobs = new Map<BlobId, Buffer>()
        const objects: ObjectId[] = []
        async function check(store: ClosableObjectReader | ObjectWriteSession): Promise<void> {
          for (const [id, bytes] of blobs) {
            expect(Buffer.from(await store.getBlob(id)).equals(bytes)).toBe(true)
            expect((await streamed(store.streamBlob(id))).equals(bytes)).toBe(true)
            const pieces = await Promise.all(
              (await store.piecesOf(id)).map(({ blobId }) => store.getBlob(blobId)),
            )
            expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
            expect(await store.info(id)).toMatchObject({ kind: 'blob', sizeBytes: bytes.length })
          }
          for (const id of objects) {
            const { links } = await store.getObject('node', id)
            expect(links).toHaveLength(1)
          }
        }
        for (const [round, batch] of batches.entries()) {
          const session = repository.begin()
          for (const [index, size] of batch.entries()) {
            const bytes = noise(size, index % 3)
            const id =
              index % 2 === round % 2
                ? await session.putBlob(bytes)
                : await session.putBlobStream(inPieces(bytes, 100))
            expect(id).toBe(hashBlob(bytes))
            blobs.set(id, bytes)
            objects.push(await session.putObject('node', { links: [id], payload: bytes }))
          }
          await check(session)
          await repository.commit(session)
          await check(session)
        }
        await check(repository.reader)
        await check(openObjectReader(repository.driver, repository.live))
        repository.reader.close()
      }),
      { numRuns: 12 },
    )
  })

  it('stores what many callers put at once', async () => {
    const repository = open(openDriver())
    const session = repository.begin()
    const contents = Array.from({ length: 100 }, (__, index) =>
      noise(50 + (index % 20), index % 40),
    )
    const ids = await Promise.all(contents.map((bytes) => session.putBlob(bytes)))
    await repository.commit(session)
    for (const [index, id] of ids.entries()) {
      expect(Buffer.from(await repository.reader.getBlob(id))).toEqual(contents[index])
    }
    repository.reader.close()
  })

  it('writes nothing that is stored already', async () => {
    const repository = open(openDriver())
    const contents = [10, 64, 3000].map((size) => noise(size, 1))
    async function putAll(): Promise<number> {
      const session = repository.begin()
      for (const bytes of contents) await session.putBlob(bytes)
      const before = repository.live.names.length
      await repository.commit(session)
      return repository.live.names.length - before
    }
    expect(await putAll()).toBe(1)
    expect(await putAll()).toBe(0)
    repository.reader.close()
  })

  it('writes again what lies only in packs to ignore', async () => {
    const repository = open(openDriver())
    const session = repository.begin()
    const id = await session.putBlob(noise(10, 1))
    await repository.commit(session)
    const place = await repository.reader.locatePacked(id)
    const again = beginObjectWrites(repository.driver, repository.reader, {
      ignorePacks: new Set([place?.packId ?? '']),
    })
    await again.putBlob(noise(10, 1))
    expect((await again.seal()).fragments).toMatchObject([{ entries: 1 }])
    repository.reader.close()
  })

  it('leaves nothing when it is abandoned', async () => {
    const repository = open(openDriver())
    const session = repository.begin()
    const id = await session.putBlob(noise(10, 1))
    await session.putBlob(noise(100, 1))
    await session.abandon()
    expect(await repository.reader.has(id)).toBe(false)
    const { localFolder } = repository.driver
    const left = localFolder === undefined ? [] : readdirSync(path.join(localFolder, 'local/tmp'))
    expect(left).toEqual([])
  })

  it('keeps the number of fragments small', async () => {
    const repository = open(openDriver())
    const ids: BlobId[] = []
    for (let round = 0; round < 60; round += 1) {
      const session = repository.begin()
      ids.push(await session.putBlob(noise(20, round)))
      await repository.commit(session)
    }
    expect(repository.live.names.length).toBeLessThan(12)
    for (const id of ids) expect(await repository.reader.has(id)).toBe(true)
    repository.reader.close()
  })

  it('seals what another session handed over', async () => {
    const repository = open(openDriver())
    const [main, worker] = [repository.begin(), repository.begin()]
    const ids: BlobId[] = []
    for (const size of [10, 20, 100, 5000]) {
      ids.push(await main.putBlob(noise(size, 1)))
      ids.push(await worker.putBlob(noise(size, 2)))
      ids.push(await worker.putBlob(noise(size, 1)))
    }
    main.takeOver(structuredClone(await worker.handOver()))
    for (const id of ids) expect(hashBlob(await main.getBlob(id))).toBe(id)
    await repository.commit(main)
    for (const id of ids) expect(hashBlob(await repository.reader.getBlob(id))).toBe(id)
    repository.reader.close()
  })

  it('does not give an object as another kind or as a blob', async () => {
    const repository = open(openDriver())
    const session = repository.begin()
    const id = await session.putObject('node', { links: [], payload: noise(9, 1) })
    await repository.commit(session)
    const corrupt = { code: 'DSV_OBJECT_CORRUPT' }
    await expect(repository.reader.getObject('commit', id)).rejects.toMatchObject(corrupt)
    await expect(repository.reader.getBlob(toBlobId(id))).rejects.toMatchObject(corrupt)
    repository.reader.close()
  })

  it('says what is missing after looking at the present fragments once', async () => {
    const repository = open(openDriver())
    let reloads = 0
    const source = { ...repository.live, reload: async () => ((reloads += 1), []) }
    const reader = openObjectReader(repository.driver, source)
    const id = hashBlob(noise(1, 1))
    await expect(reader.getBlob(id)).rejects.toMatchObject({
      code: 'DSV_OBJECT_NOT_FOUND',
      details: { id },
    })
    expect(reloads).toBe(1)
  })

  it('finds what others committed after it was opened', async () => {
    const repository = open(openDriver())
    let names: readonly string[] = []
    const reader = openObjectReader(repository.driver, {
      current: () => names,
      reload: async () => (names = repository.live.names),
    })
    const session = repository.begin()
    const id = await session.putBlob(noise(10, 1))
    await repository.commit(session)
    expect(hashBlob(await reader.getBlob(id))).toBe(id)
    reader.close()
  })
})
