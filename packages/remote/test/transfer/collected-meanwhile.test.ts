import { describe, expect, it } from '@jest/globals'
import {
  type BlobId,
  collectGarbage,
  memoryDriver,
  type OperationInfo,
  type StorageDriver,
  Store,
} from '@dsv/store'
import { cachingDriver } from '@dsv/remote'

const INFO: OperationInfo = {
  command: 'dsv test',
  description: 'test',
  user: 'ann',
  host: 'here',
  timeMs: 0,
}
const SETTINGS = { packBelowBytes: 8, keepOperations: 1, keepOperationsMs: 0 }
const MAIN = 'refs/heads/main'
const DAY_MS = 86_400_000

/** Stores a commit with one blob, and makes it the branch. */
async function commitBlob(store: Store, name: string, blob: Uint8Array): Promise<BlobId> {
  return store.write(INFO, async (session) => {
    const blobId = await session.putBlob(blob)
    const payload = Buffer.from(name)
    const to = await session.putObject('commit', { links: [blobId], payload })
    await session.publish((root) => ({ refs: [{ name, from: root.refs.get(name), to }] }))
    return blobId
  })
}

/** A storage with a blob that no ref needs any more. */
async function withGarbage(): Promise<{ driver: StorageDriver; garbage: Buffer }> {
  const driver = memoryDriver()
  const store = await Store.create(driver, { settings: SETTINGS })
  const garbage = Buffer.from('nobody needs this, for now')
  await commitBlob(store, 'refs/heads/old', garbage)
  await store.write(INFO, async (session) => {
    const from = session.root.refs.get('refs/heads/old')
    await session.publish(() => ({ refs: [{ name: 'refs/heads/old', from, to: undefined }] }))
  })
  await commitBlob(store, MAIN, Buffer.from('what is needed'))
  return { driver, garbage }
}

/** Collects by a clock that is a day ahead: every writer seems to be gone. */
async function collect(driver: StorageDriver): Promise<void> {
  const self = { pid: 1, host: 'elsewhere', bootId: 'other', isRunning: () => true }
  const store = await Store.open(driver, { self })
  await collectGarbage(store, { graceMs: 0, nowMs: Date.now() + DAY_MS })
}

/** Opens a store whose writer another machine takes for dead. */
async function openWriter(driver: StorageDriver): Promise<Store> {
  const self = { pid: 2, host: 'writer', bootId: 'writer', isRunning: () => true }
  return Store.open(driver, { self })
}

describe('a writer whose blob is collected meanwhile', () => {
  it('does not rely on having seen it', async () => {
    const { driver, garbage } = await withGarbage()
    const store = await openWriter(cachingDriver(driver))
    const written = store.write(INFO, async (session) => {
      const blobId = await session.putBlob(garbage)
      await collect(driver)
      await collect(driver)
      const payload = Buffer.from('relies on it')
      const to = await session.putObject('commit', { links: [blobId], payload })
      await session.publish((root) => ({ refs: [{ name: MAIN, from: root.refs.get(MAIN), to }] }))
    })
    await expect(written).rejects.toMatchObject({ code: 'DSV_SESSION_EXPIRED' })
    await commitBlob(store, MAIN, garbage)
    expect(await (await Store.open(driver)).readRoot()).toMatchObject({ condemned: [] })
  })

  it('notices what was doomed before it began', async () => {
    const { driver, garbage } = await withGarbage()
    await collect(driver)
    const store = await openWriter(driver)
    let written: Promise<void> | undefined
    const beforeItsDeletion = async (): Promise<void> => {
      let goOn = (): void => {}
      const seen = new Promise<void>((resolve) => {
        written = store.write(INFO, async (session) => {
          const blobId = await session.putBlob(garbage)
          resolve()
          await new Promise<void>((next) => {
            goOn = next
          })
          const payload = Buffer.from('relies on it')
          const to = await session.putObject('commit', { links: [blobId], payload })
          const from = session.root.refs.get(MAIN)
          await session.publish(() => ({ refs: [{ name: MAIN, from, to }] }))
        })
      })
      await seen
      resume = goOn
    }
    let resume = (): void => {}
    const deleting: StorageDriver = {
      ...driver,
      delete: async (path) => {
        if (path.startsWith('objects/blob/') && written === undefined) await beforeItsDeletion()
        await driver.delete(path)
      },
    }
    await collect(deleting)
    resume()
    await expect(written).rejects.toMatchObject({ code: 'DSV_SESSION_EXPIRED' })
  })
})
