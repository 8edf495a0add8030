import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { add, commit, type Repository, resolve, status } from '@dsv/core'
import { checkStore, memoryDriver, type ObjectId } from '@dsv/store'
import {
  dsvSource,
  importFrom,
  push,
  readImports,
  type RemoteRepository,
  updateImports,
} from '@dsv/remote'
import { box, type TinyRepository, tinyRepository } from '../../../core/test/tiny-repository.ts'
import { emptyRemote, emptyRepository } from '../transfer/two-people.ts'

const MAIN = 'refs/heads/main'
const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** A registry with one dataset, and a repository that imports from it. */
async function registryAndUser(): Promise<{
  readonly author: TinyRepository
  readonly publish: (message: string) => Promise<ObjectId>
  readonly open: () => Promise<RemoteRepository>
  readonly user: Repository
}> {
  const author = await tinyRepository()
  const { repository: user, ...rest } = await emptyRepository()
  opened.push(author, rest)
  const open = await emptyRemote(memoryDriver())
  const publish = async (message: string): Promise<ObjectId> => {
    const to = await author.commit(message)
    await push(author.repository, await open(), [{ name: MAIN, to }])
    return to
  }
  return { author, publish, open, user }
}

const REQUEST = { url: 'registry', options: {}, from: 'data', to: 'things/data' }

function fileOf(user: Repository, file: string): string {
  return path.join(user.folder, 'things/data', file)
}

async function save(user: Repository, message: string): Promise<void> {
  await add(user, { paths: [''] })
  await commit(user, { message })
}

describe('import', () => {
  it('makes a dataset of a registry part of the repository, which then needs it no more', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.item('train/a', [box('cat', 1), box('dog', 20)])
    author.item('val/b', [])
    const commitId = await publish('first')
    const result = await importFrom(user, dsvSource(await open()), REQUEST)
    expect(result).toMatchObject({ type: 'staged', items: 2 })
    expect(readFileSync(fileOf(user, 'media/train/a.png'))).toEqual(
      readFileSync(author.at('data/media/train/a.png')),
    )
    await commit(user, { message: 'import' })
    const { work } = await user.state()
    expect(await readImports(user.store.objects, work.stage)).toEqual([
      { path: 'things/data', url: 'registry', options: {}, from: 'data', commit: commitId },
    ])
    expect((await status(user)).unstaged).toEqual([])
    const problems: unknown[] = []
    for await (const finding of checkStore(user.store, { level: 4 })) problems.push(finding)
    expect(problems).toEqual([])
  })

  it('takes only the items that a query chooses', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.item('train/a', [box('cat', 1), box('dog', 20)])
    author.item('train/b', [box('dog', 1)])
    await publish('first')
    const result = await importFrom(user, dsvSource(await open()), {
      ...REQUEST,
      where: 'label = "cat"',
    })
    expect(result.items).toBe(1)
    expect(existsSync(fileOf(user, 'media/train/a.png'))).toBe(true)
    expect(existsSync(fileOf(user, 'media/train/b.png'))).toBe(false)
    expect(readFileSync(fileOf(user, 'labels/train/a.json'), 'utf8')).not.toContain('dog')
  })

  it('takes a single file', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.write('notes/readme.txt', 'hello')
    await publish('first')
    await importFrom(user, dsvSource(await open()), {
      ...REQUEST,
      from: 'notes/readme.txt',
      to: 'hello.txt',
    })
    expect(readFileSync(path.join(user.folder, 'hello.txt'), 'utf8')).toBe('hello')
  })

  it('refuses what is not there, and to go where something is', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.item('train/a', [])
    await publish('first')
    await expect(
      importFrom(user, dsvSource(await open()), { ...REQUEST, from: 'nothing' }),
    ).rejects.toMatchObject({ code: 'DSV_IMPORT_NOT_FOUND', details: { datasets: ['data'] } })
    await importFrom(user, dsvSource(await open()), REQUEST)
    for (const to of ['things/data', 'things/data/more', 'things'])
      await expect(
        importFrom(user, dsvSource(await open()), { ...REQUEST, to }),
      ).rejects.toMatchObject({
        code: 'DSV_IMPORT_EXISTS',
      })
    await expect(
      importFrom(user, dsvSource(await open()), {
        ...REQUEST,
        from: '',
        to: 'all',
        where: 'label = "cat"',
      }),
    ).rejects.toMatchObject({ code: 'DSV_IMPORT_SELECTION_INVALID' })
  })

  it('never writes over a file that is not stored', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.write('notes.txt', 'theirs')
    await publish('first')
    writeFileSync(path.join(user.folder, 'notes.txt'), 'mine')
    await expect(
      importFrom(user, dsvSource(await open()), { ...REQUEST, from: 'notes.txt', to: 'notes.txt' }),
    ).rejects.toMatchObject({ code: 'DSV_CHECKOUT_WOULD_OVERWRITE' })
    expect(readFileSync(path.join(user.folder, 'notes.txt'), 'utf8')).toBe('mine')
  })
})

describe('update', () => {
  it('merges what is new there with what was edited here', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.item('train/a', [box('cat', 1), box('dog', 50)])
    author.item('train/b', [box('cat', 5)])
    await publish('first')
    await importFrom(user, dsvSource(await open()), REQUEST)
    const label = fileOf(user, 'labels/train/a.json')
    writeFileSync(label, readFileSync(label, 'utf8').replace('"x": 1,', '"x": 2,'))
    await save(user, 'edited here')

    author.item('train/a', [box('cat', 1), box('dog', 60)])
    author.item('train/c', [box('cat', 7)])
    const next = await publish('second')
    const [updated] = await updateImports(user, { open: async () => dsvSource(await open()) })
    expect(updated).toMatchObject({ commit: next, result: { type: 'staged', conflicts: [] } })
    const text = readFileSync(label, 'utf8')
    expect(text).toContain('"x": 2,')
    expect(text).toContain('"x": 60,')
    expect(existsSync(fileOf(user, 'labels/train/c.json'))).toBe(true)
    await save(user, 'updated')
    const [again] = await updateImports(user, { open: async () => dsvSource(await open()) })
    expect(again?.result).toBeUndefined()
  })

  it('leaves a conflict where both changed one thing', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.item('train/a', [box('cat', 1)])
    await publish('first')
    await importFrom(user, dsvSource(await open()), REQUEST)
    const label = fileOf(user, 'labels/train/a.json')
    writeFileSync(label, readFileSync(label, 'utf8').replace('"x": 1,', '"x": 2,'))
    await save(user, 'edited here')
    author.item('train/a', [box('cat', 3)])
    await publish('second')
    const [updated] = await updateImports(user, { open: async () => dsvSource(await open()) })
    expect(updated?.result).toMatchObject({ type: 'conflicts' })
    await resolve(user, { choice: 'theirs' })
    await commit(user, { message: 'settled' })
    expect(readFileSync(label, 'utf8')).toContain('"x": 3,')
  })

  it('in a dry run only says what there is', async () => {
    const { author, publish, open, user } = await registryAndUser()
    author.item('train/a', [box('cat', 1)])
    const first = await publish('first')
    await importFrom(user, dsvSource(await open()), REQUEST)
    await save(user, 'imported')
    author.item('train/a', [box('cat', 3)])
    const second = await publish('second')
    const [updated] = await updateImports(user, {
      dryRun: true,
      open: async () => dsvSource(await open()),
    })
    expect(updated).toMatchObject({ commit: second, import: { commit: first }, result: undefined })
    expect(readFileSync(fileOf(user, 'labels/train/a.json'), 'utf8')).toContain('"x": 1,')
  })
})
