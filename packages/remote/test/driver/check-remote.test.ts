import { describe, expect, it } from '@jest/globals'
import { checkRemote } from '@dsv/remote'
import { memoryDriver, storageFailed, type StorageDriver, Store } from '@dsv/store'

async function filesIn(driver: StorageDriver): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const { path } of driver.list('')) paths.push(path)
  return paths
}

describe('checkRemote', () => {
  it('tells an empty storage from a repository, and leaves nothing behind', async () => {
    const driver = memoryDriver()
    expect(await checkRemote(driver, { write: true })).toEqual({ isBegun: false })
    expect(await filesIn(driver)).toEqual([])
    await Store.create(driver)
    expect(await checkRemote(driver, { write: true })).toEqual({ isBegun: true })
  })

  it('refuses a storage that ignores conditions, and only when it may write', async () => {
    const driver = memoryDriver()
    const careless: StorageDriver = {
      ...driver,
      replaceIf: async (path, _expected, bytes) =>
        driver.replaceIf(path, (await driver.readVersioned(path))?.version, bytes),
    }
    await expect(checkRemote(careless, { write: true })).rejects.toMatchObject({
      code: 'DSV_REMOTE_UNSAFE',
    })
    expect(await checkRemote(careless, { write: false })).toMatchObject({ isBegun: false })
  })

  it('reports what may not be reached or written, and does not wait for ever', async () => {
    const driver = memoryDriver()
    const fail = async (): Promise<never> => {
      throw storageFailed('root', new Error('no network'))
    }
    expect(await checkRemote({ ...driver, readVersioned: fail }, { write: true })).toMatchObject({
      isBegun: undefined,
      problem: { code: 'DSV_STORAGE_FAILED' },
    })
    expect(await checkRemote({ ...driver, replaceIf: fail }, { write: true })).toMatchObject({
      isBegun: false,
      problem: { code: 'DSV_STORAGE_FAILED' },
    })
    const silent = async (): Promise<never> => new Promise(() => {})
    expect(
      await checkRemote({ ...driver, readVersioned: silent }, { write: true, waitMs: 20 }),
    ).toMatchObject({ problem: { code: 'DSV_REMOTE_UNREACHABLE' } })
  })
})
