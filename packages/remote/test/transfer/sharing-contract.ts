import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { add, commit, merge, type MergeResult, type Repository, resolve, switchTo } from '@dsv/core'
import { fetch, openRemote, push, type RemoteRepository } from '@dsv/remote'
import { checkStore, type ObjectId, type StorageDriver, Store } from '@dsv/store'
import { tinyItem } from '../../../core/test/tiny-format.ts'
import { box, type TinyRepository, tinyRepository } from '../../../core/test/tiny-repository.ts'
import { emptyRepository } from './two-people.ts'

const MAIN = 'refs/heads/main'

/** How a storage is shared: each call opens the same one anew. */
export interface SharedStorage {
  /** Whether there is an empty repository already. */
  readonly isBegun?: boolean
  open(): Promise<StorageDriver>
  stop?(): Promise<void>
}

/** Checks the story of two people over a storage; `begin` gives an empty one each time. */
export function testSharing(name: string, begin: () => Promise<SharedStorage>): void {
  const opened: { close: () => Promise<void> }[] = []
  afterEach(async () => {
    for (const each of opened.splice(0).toReversed()) await each.close()
  })

  async function over<Result>(
    shared: SharedStorage,
    work: (remote: RemoteRepository) => Promise<Result>,
  ): Promise<Result> {
    const remote = await openRemote('origin', await shared.open())
    try {
      return await work(remote)
    } finally {
      await remote.close()
    }
  }

  async function start(): Promise<{
    readonly shared: SharedStorage
    readonly one: TinyRepository
    readonly two: Person
  }> {
    const shared = await begin()
    opened.push({ close: async () => shared.stop?.() })
    if (shared.isBegun !== true) {
      const driver = await shared.open()
      await (await Store.create(driver)).close()
      await driver.close?.()
    }
    const one = await tinyRepository()
    opened.push(one)
    one.item('train/a', [box('cat', 1), box('dog', 50)])
    one.item('train/b', [box('cat', 3)])
    await pushMain(shared, one.repository, await one.commit('first'))
    const made = await emptyRepository()
    opened.push(made)
    await over(shared, async (remote) => fetch(made.repository, remote))
    await switchTo(made.repository, { target: 'main', create: true, start: 'origin/main' })
    return { shared, one, two: person(made.repository) }
  }

  async function pushMain(
    shared: SharedStorage,
    repository: Repository,
    to: ObjectId | undefined,
  ): Promise<void> {
    await over(shared, async (remote) => push(repository, remote, [{ name: MAIN, to }]))
  }

  async function pull(shared: SharedStorage, repository: Repository): Promise<MergeResult> {
    await over(shared, async (remote) => fetch(repository, remote))
    return merge(repository, { revision: 'origin/main' })
  }

  describe(`sharing over ${name}`, () => {
    it('two people change different boxes of one image, and both changes stay', async () => {
      const { shared, one, two } = await start()
      one.item('train/a', [box('cat', 2), box('dog', 50)])
      await pushMain(shared, one.repository, await one.commit('move the cat'))
      two.item('train/a', [box('cat', 1), box('dog', 60)])
      const theirs = await two.commit('move the dog')
      await expect(pushMain(shared, two.repository, theirs)).rejects.toMatchObject({
        code: 'DSV_PUSH_REJECTED',
      })
      const merged = await pull(shared, two.repository)
      expect(merged.type).toBe('merged')
      await pushMain(shared, two.repository, merged.commitId)
      expect((await pull(shared, one.repository)).type).toBe('fast-forward')
      const text = readFileSync(one.at('data/labels/train/a.json'), 'utf8')
      expect(text).toContain('"x": 2,')
      expect(text).toContain('"x": 60,')
      const problems: unknown[] = []
      await over(shared, async ({ store }) => {
        for await (const found of checkStore(store, { level: 4 })) problems.push(found)
      })
      expect(problems).toEqual([])
    })

    it('two people change one box: a conflict, which one of them settles', async () => {
      const { shared, one, two } = await start()
      one.item('train/b', [box('cat', 4)])
      await pushMain(shared, one.repository, await one.commit('move it'))
      two.item('train/b', [box('cat', 5)])
      await two.commit('move it elsewhere')
      expect((await pull(shared, two.repository)).type).toBe('conflicts')
      await resolve(two.repository, { choice: 'ours' })
      await pushMain(shared, two.repository, await two.commit('settled'))
      await pull(shared, one.repository)
      expect(readFileSync(one.at('data/labels/train/b.json'), 'utf8')).toContain('"x": 5,')
    })
  })
}

interface Person {
  readonly repository: Repository
  item(key: string, annotations: Parameters<typeof tinyItem>[1]): void
  commit(message: string): Promise<ObjectId>
}

function person(repository: Repository): Person {
  return {
    repository,
    item: (key, annotations) => {
      const file = path.join(repository.folder, `data/labels/${key}.json`)
      writeFileSync(file, tinyItem([`media/${key}.png`], annotations))
    },
    commit: async (message) => {
      await add(repository, { paths: [''] })
      return (await commit(repository, { message })).commitId
    },
  }
}
