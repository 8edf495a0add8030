import { describe, expect, it } from '@jest/globals'
import { probeConditionalWrites } from '@dsv/remote'
import { closeServers } from '../serve/open-storage.ts'
import { servedRepository } from '../serve/served-repository.ts'
import { memoryDriver, type StorageDriver } from '@dsv/store'

/** A storage like `driver`, but for some of its methods. */
function unlike(change: (driver: StorageDriver) => Partial<StorageDriver>): StorageDriver {
  const driver = memoryDriver()
  return { ...driver, ...change(driver) }
}

async function filesOf(driver: StorageDriver): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of driver.list('')) paths.push(path)
  return paths
}

describe('probeConditionalWrites', () => {
  it('is content with a storage that heeds conditions, and leaves nothing there', async () => {
    const driver = memoryDriver()
    await probeConditionalWrites(driver)
    expect(await filesOf(driver)).toEqual([])
  })

  const replace = async (
    driver: StorageDriver,
    path: string,
    bytes: Uint8Array,
  ): Promise<string> => {
    const now = await driver.readVersioned(path)
    return driver.replaceIf(path, now?.version, bytes)
  }
  const UNSAFE: Record<string, StorageDriver> = {
    'overwrites a file that must not exist': unlike((driver) => ({
      replaceIf: (path, expected, bytes) =>
        expected === undefined
          ? replace(driver, path, bytes)
          : driver.replaceIf(path, expected, bytes),
    })),
    'overwrites a file that has changed': unlike((driver) => ({
      replaceIf: (path, expected, bytes) =>
        expected === undefined
          ? driver.replaceIf(path, expected, bytes)
          : replace(driver, path, bytes),
    })),
    'replaces a file that is gone': unlike((driver) => ({
      async replaceIf(path, expected, bytes) {
        const isGone = (await driver.readVersioned(path)) === undefined
        return driver.replaceIf(path, isGone ? undefined : expected, bytes)
      },
    })),
    'several win': unlike((driver) => ({
      async replaceIf(path, expected, bytes) {
        const now = await driver.readVersioned(path)
        if (now?.version !== expected) return driver.replaceIf(path, expected, bytes)
        // Looks first, and writes whatever has come in between.
        await new Promise((resolve) => void setImmediate(resolve))
        return replace(driver, path, bytes)
      },
    })),
    'different versions': unlike((driver) => ({
      async readVersioned(path) {
        const found = await driver.readVersioned(path)
        return found && { ...found, version: `W/${found.version}` }
      },
    })),
    'does not show': unlike(() => ({ readVersioned: async () => undefined })),
  }

  it.each(Object.keys(UNSAFE))('notices a storage that %s, and leaves nothing', async (what) => {
    const driver = UNSAFE[what] ?? memoryDriver()
    const error = { code: 'DSV_REMOTE_UNSAFE', message: expect.stringContaining(what) }
    await expect(probeConditionalWrites(driver)).rejects.toMatchObject(error)
    expect(await filesOf(driver)).toEqual([])
  })

  it('is content with a server that checks what it is given', async () => {
    const driver = (await servedRepository()).driver('write')
    await expect(probeConditionalWrites(driver)).resolves.toBeUndefined()
    await closeServers()
  })

  it('passes on that it may not write', async () => {
    const denied = new Error('denied')
    const driver = unlike(() => ({ replaceIf: async () => Promise.reject(denied) }))
    await expect(probeConditionalWrites(driver)).rejects.toBe(denied)
  })
})
