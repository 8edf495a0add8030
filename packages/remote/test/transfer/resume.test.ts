import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import { openRemote, push } from '@dsv/remote'
import {
  checkStore,
  memoryDriver,
  PACK_PREFIX,
  type StorageDriver,
  storageFailed,
  Store,
  type StoragePath,
} from '@dsv/store'
import { tinyRepository, type TinyRepository } from '../../../core/test/tiny-repository.ts'
import { closeServers } from '../serve/open-storage.ts'
import { servedRepository } from '../serve/served-repository.ts'

const MAIN = 'refs/heads/main'
const BLOBS = 60
const BLOB_BYTES = 2_000
const SETTINGS = { packTargetBytes: 8_000, packBelowBytes: 4_000 }

let one: TinyRepository
afterEach(async () => {
  await one.close()
  await closeServers()
})

/** A storage that dies when it is about to send more than so many bytes of packs. */
function dying(driver: StorageDriver, bytes: number): StorageDriver & { sent: number } {
  const dead = async (path: StoragePath): Promise<never> => {
    throw storageFailed(`${driver.location}/${path}`, new Error('killed'))
  }
  const over = {
    ...driver,
    sent: 0,
    write: async (path: StoragePath, content: Uint8Array) => {
      if (!path.startsWith(PACK_PREFIX)) return driver.write(path, content)
      if (over.sent + content.length > bytes) {
        over.sent = Infinity
        return dead(path)
      }
      over.sent += content.length
      return driver.write(path, content)
    },
    replaceIf: async (path: StoragePath, expected: string | undefined, content: Uint8Array) =>
      over.sent > bytes ? dead(path) : driver.replaceIf(path, expected, content),
    delete: async (path: StoragePath) => (over.sent > bytes ? dead(path) : driver.delete(path)),
  }
  return over
}

async function expectToContinue(open: () => StorageDriver): Promise<void> {
  one = await tinyRepository()
  for (let at = 0; at < BLOBS; at += 1) one.write(`many/${at}.bin`, noise(at))
  const to = await one.commit('many')
  const send = async (driver: StorageDriver): Promise<number> => {
    const remote = await openRemote('origin', driver)
    const { count } = await push(one.repository, remote, [{ name: MAIN, to }])
    return count.blobs
  }
  const killed = dying(open(), (BLOBS * BLOB_BYTES) / 2)
  await expect(send(killed)).rejects.toMatchObject({ code: 'DSV_STORAGE_FAILED' })
  const store = await Store.open(open())
  expect((await store.readRoot()).refs.size).toBe(0)
  const again = dying(open(), Infinity)
  expect(await send(again)).toBeLessThan(BLOBS * 0.8)
  expect(again.sent).toBeLessThan(BLOBS * BLOB_BYTES * 0.8)
  for await (const finding of checkStore(await Store.open(open()), { level: 4 }))
    expect(finding).toMatchObject({ severity: 'warning' })
  expect((await store.readRoot()).refs.get(MAIN)).toBe(to)
}

function noise(seed: number): Uint8Array {
  const pieces: Buffer[] = []
  for (let at = 0; at * 32 < BLOB_BYTES; at += 1)
    pieces.push(createHash('sha256').update(`${seed} ${at}`).digest())
  return Buffer.concat(pieces).subarray(0, BLOB_BYTES)
}

describe('a push that was killed', () => {
  it('goes on where it was', async () => {
    const driver = memoryDriver()
    await Store.create(driver, { settings: SETTINGS })
    await expectToContinue(() => ({ ...driver }))
  })

  it('goes on where it was at dsv serve', async () => {
    const served = await servedRepository({ create: { settings: SETTINGS } })
    await expectToContinue(() => served.driver('write'))
  })
})
