import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  beginObjectWrites,
  type BlobId,
  folderDriver,
  hashBlob,
  isDsvError,
  memoryDriver,
  openObjectReader,
  packPath,
  readPackContents,
  type StorageDriver,
  writeIndexFragment,
} from '@dsv/store'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const contents = Array.from({ length: 300 }, (_, index) =>
  Buffer.from(`${index} `.repeat(1 + (index % 40))),
)

interface Stored {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly names: readonly string[]
  readonly packId: string
  readonly ids: readonly BlobId[]
}

let stored: Stored
const sandbox = mkdtempSync(path.join(tmpdir(), 'dsv-damage-'))
afterAll(() => rmSync(sandbox, { recursive: true }))

function readerOf(driver: StorageDriver, names: readonly string[]) {
  return openObjectReader(driver, { current: () => names, reload: async () => names })
}

beforeAll(async () => {
  const driver = memoryDriver()
  const session = beginObjectWrites(driver, readerOf(driver, []), {
    chunkFromBytes: 100,
    chunkSizes: { min: 16, average: 32, max: 64 },
  })
  const ids: BlobId[] = []
  for (const bytes of contents) ids.push(await session.putBlob(bytes))
  await session.putObject('node', { links: [], payload: Buffer.from('x') })
  const { fragments } = await session.seal()
  const files = new Map<string, Uint8Array>()
  for await (const { path: file } of driver.list('')) files.set(file, await driver.read(file))
  const packId = fragments[0]?.packs[0] ?? ''
  stored = { files, names: fragments.map(({ name }) => name), packId, ids }
})

/** A storage in which one file was cut off or has one wrong byte. */
const damages = fc.record({
  file: fc.nat(2),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bit: fc.option(fc.nat(7)),
})

async function damaged(
  driver: StorageDriver,
  { file, at, bit }: { file: number; at: number; bit: number | null },
): Promise<StorageDriver> {
  const paths = [...stored.files.keys()]
  const chosen = paths[file % paths.length]
  for (const [each, bytes] of stored.files) {
    const copy = Uint8Array.from(bytes)
    const place = Math.floor(at * copy.length)
    if (each === chosen && bit !== null) copy[place] = (copy[place] ?? 0) ^ (1 << bit)
    await driver.write(each, each === chosen && bit === null ? copy.subarray(0, place) : copy)
  }
  return driver
}

/** The result of `run`, or the code of its error; anything but ours is thrown. */
async function outcomeOf(run: () => Promise<string>): Promise<string> {
  try {
    return await run()
  } catch (error) {
    if (isDsvError(error)) return error.code
    throw error
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

async function copied(): Promise<StorageDriver> {
  const driver = memoryDriver()
  for (const [file, bytes] of stored.files) await driver.write(file, bytes)
  return driver
}

describe('a damaged storage', () => {
  it.each([
    ['memory', () => memoryDriver()],
    ['a folder', () => folderDriver(mkdtempSync(path.join(sandbox, 'x')))],
  ])('gives the right bytes or our error, never wrong ones, in %s', async (_, open) => {
    await fc.assert(
      fc.asyncProperty(damages, async (damage) => {
        const driver = await damaged(open(), damage)
        const reader = readerOf(driver, stored.names)
        for (const [index, id] of stored.ids.entries()) {
          if (index % 7 !== 0) continue
          expect([id, 'DSV_OBJECT_CORRUPT', 'DSV_PACK_CORRUPT']).toContain(
            await outcomeOf(async () => hashBlob(await reader.getBlob(id))),
          )
          expect([id, 'DSV_OBJECT_CORRUPT', 'DSV_PACK_CORRUPT']).toContain(
            await outcomeOf(async () => hashBlob(await collect(reader.streamBlob(id)))),
          )
        }
        reader.close()
      }),
      { numRuns: 25 },
    )
  })

  it('still tells what a pack holds when its table is damaged', async () => {
    const whole = await readPackContents(await copied(), stored.packId)
    expect(whole.damage).toBeUndefined()
    expect(whole.entries.length).toBeGreaterThanOrEqual(contents.length)
    const cut = memoryDriver()
    const bytes = stored.files.get(packPath(stored.packId)) ?? new Uint8Array()
    await cut.write(packPath(stored.packId), bytes.subarray(0, bytes.length - 10))
    const scanned = await readPackContents(cut, stored.packId)
    expect(scanned.damage).toBe('it is cut off')
    const inOrder = scanned.entries.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(inOrder.slice(0, whole.entries.length)).toEqual(whole.entries)
  })

  it('reads any bytes as a pack or says that they are none', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .uint8Array({ maxLength: 300 })
        .map((rest) => Buffer.concat([Buffer.from('DSVPACK\x01'), rest])),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const driver = memoryDriver()
        const packId = 'ab'.repeat(32)
        await driver.write(packPath(packId), content)
        const outcome = await outcomeOf(async () => {
          const { damage } = await readPackContents(driver, packId)
          return damage ?? 'sound'
        })
        expect(outcome).toMatch(/^it|^DSV_PACK_CORRUPT/)
      }),
    )
  })

  it('is whole again when the index is written anew from the packs', async () => {
    const driver = await copied()
    const packs = new Set<string>()
    for (const file of stored.files.keys()) {
      const found = /pack\/(.*)\.pack/.exec(file)?.[1]
      if (found !== undefined) packs.add(found)
    }
    async function* entries() {
      for (const packId of packs) {
        for (const entry of (await readPackContents(driver, packId)).entries) {
          yield { ...entry, packId }
        }
      }
    }
    const { name } = await writeIndexFragment(driver, entries())
    const reader = readerOf(driver, [name])
    for (const id of stored.ids) expect(hashBlob(await reader.getBlob(id))).toBe(id)
  })
})
