import { describe, expect, it } from '@jest/globals'
import {
  checkStore,
  collectGarbage,
  memoryDriver,
  type StorageDriver,
  Store,
  type WriterProcess,
} from '@dsv/store'
import { moveRef, readRef } from './test-store.ts'

const HOUR_MS = 3_600_000

/** Lets so many calls that write through, then fails for good, as if the process had died. */
function dyingDriver(driver: StorageDriver, calls: number): StorageDriver {
  let left = calls
  const live = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (left <= 0) throw new Error('The process is dead.')
    left -= 1
    return call()
  }
  return {
    ...driver,
    write: (path, bytes) => live(() => driver.write(path, bytes)),
    delete: (path) => live(() => driver.delete(path)),
    replaceIf: (path, version, bytes) => live(() => driver.replaceIf(path, version, bytes)),
    flush: () => live(() => driver.flush()),
  }
}

function processOf(pid: number): WriterProcess {
  return { pid, host: 'here', bootId: 'boot', isRunning: (asked) => asked === 1 }
}

async function expectSound(store: Store): Promise<void> {
  for await (const finding of checkStore(store, { level: 4 })) {
    throw new Error(finding.message)
  }
}

describe('Store.write', () => {
  it('leaves the old or the new state wherever it dies, and the next write works', async () => {
    let isComplete = false
    for (let calls = 0; !isComplete; calls += 1) {
      const driver = memoryDriver({ packBelowBytes: 8 })
      await moveRef(await Store.create(driver), 'refs/heads/main', 'old')
      const dying = await Store.open(dyingDriver(driver, calls), { self: processOf(2) })

      const died = await moveRef(dying, 'refs/heads/main', 'new\nnew and large').catch(
        (error: unknown) => error,
      )

      isComplete = died === undefined
      const store = await Store.open(driver, { self: processOf(1) })
      expect(['old', 'new\nnew and large']).toContain(await readRef(store, 'refs/heads/main'))
      await expectSound(store)
      await moveRef(store, 'refs/heads/main', 'next')
      expect(await readRef(store, 'refs/heads/main')).toBe('next')
      expect(calls).toBeLessThan(100)
    }
  })
})

describe('collectGarbage', () => {
  it('loses nothing wherever it dies, and the next one removes what it left', async () => {
    let isComplete = false
    for (let calls = 0; !isComplete; calls += 1) {
      let clockMs = 1_000_000_000
      const nowMs = (): number => clockMs
      const driver = memoryDriver({ packBelowBytes: 8, nowMs })
      const settings = { keepOperations: 1, keepOperationsMs: 0, graceMs: HOUR_MS }
      const store = await Store.create(driver, { settings, nowMs, self: processOf(1) })
      await moveRef(store, 'refs/heads/main', 'kept\nkept and large')
      await moveRef(store, 'refs/heads/old', 'lost\nlost and large')
      await moveRef(store, 'refs/heads/old', undefined)
      await moveRef(store, 'refs/heads/x', 'x')
      clockMs += 2 * HOUR_MS
      if (calls % 2 === 0) await collectGarbage(store)
      clockMs += 2 * HOUR_MS
      const dying = await Store.open(dyingDriver(driver, calls >> 1), { nowMs, self: processOf(2) })

      const died = await collectGarbage(dying).then(
        () => undefined,
        (error: unknown) => error,
      )

      isComplete = died === undefined && calls % 2 === 1
      const reopened = await Store.open(driver, { nowMs, self: processOf(1) })
      expect(await readRef(reopened, 'refs/heads/main')).toBe('kept\nkept and large')
      await expectSound(reopened)
      await moveRef(reopened, 'refs/heads/again', 'lost and large')
      await collectGarbage(reopened)
      clockMs += 2 * HOUR_MS
      await collectGarbage(reopened)
      expect((await reopened.readRoot()).condemned.filter(({ isDoomed }) => isDoomed)).toEqual([])
      expect(await readRef(reopened, 'refs/heads/again')).toBe('lost and large')
      await expectSound(reopened)
      expect(calls).toBeLessThan(200)
    }
  })
})
