import { describe, expect, it } from '@jest/globals'
import {
  buildTree,
  checkStore,
  type Finding,
  isDsvError,
  memoryDriver,
  repairStore,
  type StorageDriver,
  Store,
} from '@dsv/store'
import { putCommit, readRef, testInfo } from '../root/test-store.ts'

const TEXT = 'small\nlarge enough for a file of its own'

/** A repository with blobs in packs and in files, a tree, commits and a log. */
async function newRepository(): Promise<{ driver: StorageDriver; store: Store }> {
  const driver = memoryDriver({ packBelowBytes: 8 })
  const store = await Store.create(driver)
  for (const name of ['refs/heads/main', 'refs/tags/v1']) {
    await store.write(testInfo(`write ${name}`), async (session) => {
      const entries = Array.from({ length: 50 }, (_, at) => ({
        key: Buffer.from(String(at).padStart(4, '0')),
        value: Buffer.alloc(300, at),
        links: [],
      }))
      const tree = await buildTree(session, entries)
      const to = await putCommit(session, `${name}\n${TEXT}`, tree.root ? [tree.root] : [])
      await session.publish(() => ({
        refs: [{ name, from: undefined, to }],
        local: { links: [to], payload: Buffer.from(name) },
      }))
    })
  }
  return { driver, store }
}

async function filesOf(driver: StorageDriver): Promise<string[]> {
  const paths: string[] = []
  for await (const { path } of driver.list('objects/')) paths.push(path)
  return paths
}

async function check(store: Store, level: 0 | 1 | 2 | 3 | 4 = 4): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const finding of checkStore(store, { level })) findings.push(finding)
  return findings
}

async function flip(driver: StorageDriver, path: string, at: number): Promise<void> {
  const bytes = await driver.read(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  await driver.delete(path)
  await driver.write(path, bytes)
}

/** What is wrong, by the check and by reading everything; nothing when all is well. */
async function problemsOf(driver: StorageDriver): Promise<unknown[]> {
  const store = await Store.open(driver)
  const problems: unknown[] = await check(store)
  for (const name of ['refs/heads/main', 'refs/tags/v1']) {
    const text = await readRef(store, name)
    if (text !== `${name}\n${TEXT}`) problems.push(text)
  }
  return problems
}

describe('checkStore', () => {
  it('finds nothing wrong with a sound repository', async () => {
    const { driver } = await newRepository()
    expect(await problemsOf(driver)).toEqual([])
  })

  it('finds a flipped bit anywhere in any file, unless everything reads as before', async () => {
    const { driver } = await newRepository()
    let found = 0
    let harmless = 0
    for (const path of await filesOf(driver)) {
      const { length } = await driver.read(path)
      const step = Math.max(1, Math.floor(length / 60))
      for (let at = 0; at < length; at += step) {
        await flip(driver, path, at)
        const findings = await check(await Store.open(driver))
        found += findings.length > 0 ? 1 : 0
        harmless += findings.length > 0 ? 0 : 1
        const unseen = findings.length > 0 ? [] : await problemsOf(driver)
        expect(unseen).toEqual([])
        await flip(driver, path, at)
      }
    }
    // A few bits of deflate say nothing.
    expect(harmless).toBeLessThan(found / 50)
  })

  it('refuses to open a repository with a flipped bit in its root', async () => {
    const { driver } = await newRepository()
    const { length } = await driver.read('root')
    for (let at = 0; at < length; at += 1) {
      await flip(driver, 'root', at)
      const opened = await Store.open(driver).catch((error: unknown) => error)
      expect(isDsvError(opened)).toBe(true)
      await flip(driver, 'root', at)
    }
  })

  it('names the refs and commits that need what is missing', async () => {
    const { driver, store } = await newRepository()
    const main = (await store.readRoot()).refs.get('refs/heads/main')
    const tag = (await store.readRoot()).refs.get('refs/tags/v1')
    const shared = (await filesOf(driver)).find((path) => path.startsWith('objects/blob/')) ?? ''
    await driver.delete(shared)

    const findings = await check(await Store.open(driver), 1)

    const missing = findings.find(({ code }) => code === 'object-missing')
    expect(missing?.id).toBe(shared.replaceAll(/objects\/blob|\//g, ''))
    const { refs = [], commits = [] } = missing?.dependents ?? {}
    expect(commits.length).toBeGreaterThan(0)
    for (const id of commits) expect([main, tag]).toContain(id)
    expect(refs).toContain(
      commits.includes(main ?? commits[0]!) ? 'refs/heads/main' : 'refs/tags/v1',
    )
  })
})

describe('repairStore', () => {
  it('heals every lost file from another repository, or from what is left', async () => {
    const { driver: sound, store } = await newRepository()
    for (const path of await filesOf(sound)) {
      const driver = await copyOf(sound)
      await driver.delete(path)

      await repairStore(await Store.open(driver), [store.objects])

      expect(await problemsOf(driver)).toEqual([])
    }
  })

  it('heals every flipped bit, and keeps the damaged bytes', async () => {
    const { driver: sound, store } = await newRepository()
    for (const path of await filesOf(sound)) {
      const { length } = await sound.read(path)
      for (const at of [0, Math.floor(length / 3), Math.floor(length / 2), length - 1]) {
        const driver = await copyOf(sound)
        await flip(driver, path, at)
        const damaged = await driver.read(path)

        const outcome = await repairStore(await Store.open(driver), [store.objects])

        expect({ path, at, lost: outcome.lost }).toEqual({ path, at, lost: [] })
        expect(await problemsOf(driver)).toEqual([])
        const kept: Uint8Array[] = []
        for await (const each of driver.list('local/quarantine/')) {
          kept.push(await driver.read(each.path))
        }
        expect(kept).toContainEqual(damaged)
      }
    }
  })

  it('says what is lost when nobody has a good copy', async () => {
    const { driver } = await newRepository()
    const file = (await filesOf(driver)).find((path) => path.startsWith('objects/blob/')) ?? ''
    await driver.delete(file)

    const outcome = await repairStore(await Store.open(driver), [])

    expect(outcome.lost).toEqual([file.replaceAll(/objects\/blob|\//g, '')])
  })

  it('is not needed for a lost index fragment: it is made anew when something is read', async () => {
    const { driver } = await newRepository()
    for (const path of await filesOf(driver)) {
      if (path.startsWith('objects/index/')) await driver.delete(path)
    }
    const store = await Store.open(driver)

    expect(await readRef(store, 'refs/heads/main')).toBe(`refs/heads/main\n${TEXT}`)
  })
})

async function copyOf(driver: StorageDriver): Promise<StorageDriver> {
  const copy = memoryDriver({ packBelowBytes: 8 })
  for await (const { path } of driver.list('')) await copy.write(path, await driver.read(path))
  return copy
}
