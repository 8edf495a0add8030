import { afterAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  DsvError,
  encodeObject,
  folderDriver,
  hashObject,
  memoryDriver,
  type ObjectId,
  type OperationInfo,
  readOperations,
  type StorageDriver,
  Store,
} from '@dsv/store'

function info(command: string, user = 'ann'): OperationInfo {
  return { command, description: `ran ${command}`, user, host: 'here', timeMs: 1_000 }
}

async function commitOn(store: Store, name: string, text: string): Promise<ObjectId> {
  return store.write(info(`commit ${text}`), async (session) => {
    const payload = new TextEncoder().encode(text)
    const commitId = await session.putObject('commit', { links: [], payload })
    await session.publish((root) => ({
      refs: [{ name, from: root.refs.get(name), to: commitId }],
    }))
    return commitId
  })
}

const folders: string[] = []

async function openFolder(): Promise<StorageDriver> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dsv-publish-'))
  folders.push(folder)
  return folderDriver(folder)
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const drivers: [string, () => Promise<StorageDriver>][] = [
  ['memory', async () => memoryDriver()],
  ['a folder', openFolder],
]

describe.each(drivers)('Store over %s', (_name, openDriver) => {
  it('shows after a write what was published', async () => {
    const driver = await openDriver()
    const store = await Store.create(driver)
    const commitId = await commitOn(store, 'refs/heads/main', 'one')

    const again = await Store.open(driver)

    expect((await again.readRoot()).refs).toEqual(new Map([['refs/heads/main', commitId]]))
    expect((await again.objects.getObject('commit', commitId)).payload).toEqual(
      new TextEncoder().encode('one'),
    )
  })

  it('lets two writers move different refs at once', async () => {
    const driver = await openDriver()
    const store = await Store.create(driver)
    const other = await Store.open(driver)

    const [a, b] = await Promise.all([
      commitOn(store, 'refs/heads/a', 'a'),
      commitOn(other, 'refs/heads/b', 'b'),
    ])

    const { refs } = await store.readRoot()
    expect(refs).toEqual(
      new Map([
        ['refs/heads/a', a],
        ['refs/heads/b', b],
      ]),
    )
  })

  it('refuses a ref that somebody else has moved, and says who', async () => {
    const driver = await openDriver()
    const store = await Store.create(driver)
    const base = await commitOn(store, 'refs/heads/main', 'base')

    const late = store.write(info('late'), async (session) => {
      const mine = await session.putObject('commit', { links: [], payload: Buffer.from('mine') })
      await commitOn(await Store.open(driver), 'refs/heads/main', 'theirs')
      await session.publish(() => ({ refs: [{ name: 'refs/heads/main', from: base, to: mine }] }))
    })

    await expect(late).rejects.toMatchObject({
      code: 'DSV_REF_MOVED',
      message: expect.stringContaining('ann@here (commit theirs)'),
    })
  })

  it('takes an answer that got lost for the success it was', async () => {
    const driver = await openDriver()
    await Store.create(driver)
    let isLost = false
    const unreliable: StorageDriver = {
      ...driver,
      replaceIf: async (file, expected, bytes) => {
        const version = await driver.replaceIf(file, expected, bytes)
        if (isLost || file !== 'root') return version
        isLost = true
        throw new DsvError('DSV_STORAGE_FAILED', 'The answer got lost')
      },
    }
    const store = await Store.open(unreliable)

    const commitId = await commitOn(store, 'refs/heads/main', 'one')

    expect(isLost).toBe(true)
    const { refs, generation } = await store.readRoot()
    expect({ main: refs.get('refs/heads/main'), generation }).toEqual({
      main: commitId,
      generation: 1,
    })
  })

  it('leaves nothing visible when nothing is published', async () => {
    const store = await Store.create(await openDriver())
    const before = await store.readRoot()

    const id = await store.write(info('nothing'), (session) => session.putBlob(Buffer.from('lost')))

    expect(await store.readRoot()).toEqual(before)
    expect(await store.objects.has(id)).toBe(false)
  })

  it('refuses a ref to an object that is not there', async () => {
    const store = await Store.create(await openDriver())
    const to = hashObject('commit', encodeObject({ links: [], payload: Buffer.from('absent') }))

    const done = store.write(info('tag'), (session) =>
      session.publish(() => ({ refs: [{ name: 'refs/tags/v1', from: undefined, to }] })),
    )

    await expect(done).rejects.toMatchObject({ code: 'DSV_OBJECT_NOT_FOUND' })
  })

  it('logs every change with what it changed', async () => {
    const store = await Store.create(await openDriver())
    const one = await commitOn(store, 'refs/heads/main', 'one')
    const two = await commitOn(store, 'refs/heads/main', 'two')

    const log = []
    for await (const operation of readOperations(store)) log.push(operation)

    expect(log.map(({ command }) => command)).toEqual(['commit two', 'commit one'])
    expect(log[0]?.refs).toEqual([{ name: 'refs/heads/main', from: one, to: two }])
  })
})
