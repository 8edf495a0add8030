import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  add,
  ALL_MEDIA,
  commit,
  exportDataset,
  fillMedia,
  isClean,
  listFiles,
  localConfigFile,
  log,
  type MediaFilter,
  merge,
  removePaths,
  type Repository,
  restore,
  status,
  switchTo,
  undo,
  writePartialClone,
} from '@dsv/core'
import { bringBlobs, fetch, openRemote, push } from '@dsv/remote'
import {
  collectGarbage,
  checkStore,
  memoryDriver,
  type StorageDriver,
  type Store,
} from '@dsv/store'
import fc from 'fast-check'
import { tinyItem } from '../../../core/test/tiny-format.ts'
import {
  all,
  box,
  type TinyRepository,
  tinyRepository,
} from '../../../core/test/tiny-repository.ts'
import { emptyRemote, emptyRepository } from './two-people.ts'

const MAIN = 'refs/heads/main'
const NONE: MediaFilter = { ...ALL_MEDIA, media: 'none' }

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** Somebody with a full clone, and the storage that everybody shares. */
async function shared(): Promise<{ readonly driver: StorageDriver; readonly one: TinyRepository }> {
  const one = await tinyRepository()
  opened.push(one)
  one.item('train/a', [box('cat', 1), box('dog', 20)])
  one.item('train/b', [box('dog', 3)])
  one.item('val/c', [box('cat', 5)])
  one.write('README.md', 'plain')
  await one.commit('first')
  one.item('train/a', [box('cat', 2)])
  await one.commit('second')
  const driver = memoryDriver()
  await emptyRemote(driver)
  await pushMain(one.repository, driver)
  return { driver, one }
}

async function over<Result>(
  driver: StorageDriver,
  work: (remote: Awaited<ReturnType<typeof openRemote>>) => Promise<Result>,
): Promise<Result> {
  // The driver outlives the remote: it is the storage itself.
  return work(await openRemote('origin', driver))
}

async function pushMain(repository: Repository, driver: StorageDriver): Promise<void> {
  const to = (await repository.state()).refs.get(MAIN)
  await over(driver, async (remote) => push(repository, remote, [{ name: MAIN, to }]))
}

async function pull(repository: Repository, driver: StorageDriver): Promise<void> {
  await over(driver, async (remote) => fetch(repository, remote))
  await merge(repository, { revision: 'origin/main' })
}

/** A clone; `missing` counts how often and for how many blobs the remote was asked. */
interface PartialRepository {
  readonly repository: Repository
  readonly at: (file: string) => string
  readonly missing: number[]
  /** Cuts the way to the remote. */
  isOffline: boolean
}

async function clone(
  driver: StorageDriver,
  filter: MediaFilter,
  depth?: number,
): Promise<PartialRepository> {
  const missing: number[] = []
  const local = await emptyRepository(
    {
      fetchMissing: async (repository, ids) => {
        if (made.isOffline) throw new Error('offline')
        missing.push(ids.length)
        await over(driver, async (remote) => bringBlobs(repository, remote, ids))
      },
    },
    { isPartial: true },
  )
  opened.push(local)
  const { repository } = local
  const made: PartialRepository = {
    repository,
    at: (file) => path.join(repository.folder, file),
    missing,
    isOffline: false,
  }
  writePartialClone(localConfigFile(repository.folder), { ...filter, remote: 'origin' })
  await over(driver, async (remote) => fetch(repository, remote, { ...(depth && { depth }) }))
  await switchTo(repository, { target: 'main', create: true, start: 'origin/main' })
  return made
}

async function problems(store: Store): Promise<readonly unknown[]> {
  return all(checkStore(store, { level: 4 }))
}

/** Checks that the remote gives everything to somebody new, and returns the files. */
async function fullCloneOf(driver: StorageDriver): Promise<ReadonlyMap<string, string>> {
  await over(driver, async ({ store }) => expect(await problems(store)).toEqual([]))
  const made = await emptyRepository()
  try {
    const { repository } = made
    await over(driver, async (remote) => fetch(repository, remote))
    await switchTo(repository, { target: 'main', create: true, start: 'origin/main' })
    const files = new Map<string, string>()
    for await (const { path: file } of listFiles(repository))
      files.set(file, readFileSync(path.join(repository.folder, file), 'utf8'))
    return files
  } finally {
    await made.close()
  }
}

const MEDIA = ['data/media/train/a.png', 'data/media/train/b.png', 'data/media/val/c.png']

function mediaOn(at: (file: string) => string): readonly string[] {
  return MEDIA.filter((file) => existsSync(at(file)))
}

describe('a clone without media', () => {
  it('has every other file, and misses nothing', async () => {
    const { driver, one } = await shared()
    const { repository, at, missing } = await clone(driver, NONE)
    expect(mediaOn(at)).toEqual([])
    for (const file of ['README.md', 'data/tiny.json', 'data/labels/val/c.json'])
      expect(readFileSync(at(file))).toEqual(readFileSync(one.at(file)))
    const found = await status(repository)
    expect(isClean(found)).toBe(true)
    expect(found.absent).toBe(3)
    expect(await problems(repository.store)).toEqual([])
    await collectGarbage(repository.store)
    expect(missing).toEqual([])
  })

  it('commits and pushes edits and new images, and the remote is whole', async () => {
    const { driver, one } = await shared()
    const { repository, at, missing } = await clone(driver, NONE)
    writeFileSync(at('data/labels/val/c.json'), tinyItem(['media/val/c.png'], [box('dog', 7)]))
    await commit(repository, { message: 'edit', all: true })
    writeFileSync(at('data/labels/val/d.json'), tinyItem(['media/val/d.png'], [box('dog', 8)]))
    await add(repository, { paths: [''] })
    await commit(repository, { message: 'no image yet' })
    await switchTo(repository, { target: 'other', create: true, start: 'HEAD~1' })
    await switchTo(repository, { target: 'main' })
    expect(isClean(await status(repository))).toBe(true)
    await pushMain(repository, driver)
    expect(missing).toEqual([])
    const files = await fullCloneOf(driver)
    for (const file of MEDIA) expect(files.get(file)).toBe(readFileSync(one.at(file), 'utf8'))
    expect(files.get('data/labels/val/c.json')).toContain('"x":7'.replace(':', ': '))
  })

  it('joins what others did to the same files', async () => {
    const { driver, one } = await shared()
    const { repository, at, missing } = await clone(driver, NONE)
    one.item('train/b', [box('dog', 30)])
    one.write('data/media/val/c.png', 'other pixels')
    await one.commit('theirs')
    await pushMain(one.repository, driver)
    writeFileSync(
      at('data/labels/train/b.json'),
      tinyItem(['media/train/b.png'], [box('dog', 3), box('cat', 60)]),
    )
    await commit(repository, { message: 'ours', all: true })
    await pull(repository, driver)
    expect(isClean(await status(repository))).toBe(true)
    expect(missing).toEqual([])
    await pushMain(repository, driver)
    const files = await fullCloneOf(driver)
    expect(files.get('data/media/val/c.png')).toBe('other pixels')
    expect(files.get('data/labels/train/b.json')).toContain('60')
  })

  it('deletes what dsv rm names, and brings it back', async () => {
    const { driver } = await shared()
    const { repository } = await clone(driver, NONE)
    await removePaths(repository, { paths: ['data/media/val/c.png'] })
    expect((await status(repository)).staged.datasets).toHaveLength(1)
    await undo(repository)
    expect(isClean(await status(repository))).toBe(true)
  })

  it('does not take a file in the place of a folder of absent media for a deletion', async () => {
    const { driver } = await shared()
    const { repository, at } = await clone(driver, NONE)
    writeFileSync(at('data/media'), 'a file')
    await expect(add(repository, { paths: [''] })).rejects.toMatchObject({
      code: 'DSV_PLACE_TAKEN',
    })
  })

  it('gives everything to a second remote', async () => {
    const { driver } = await shared()
    const { repository } = await clone(driver, NONE)
    const second = memoryDriver()
    await emptyRemote(second)
    await pushMain(repository, second)
    expect(await fullCloneOf(second)).toEqual(await fullCloneOf(driver))
  })

  it('gets what an export needs, together, and is clean still', async () => {
    const { driver, one } = await shared()
    const { repository, missing } = await clone(driver, NONE)
    const output = path.join(one.outside, 'export')
    await exportDataset(repository, { revision: 'HEAD', output })
    expect(missing).toEqual([3])
    for (const file of MEDIA)
      expect(readFileSync(path.join(output, file))).toEqual(readFileSync(one.at(file)))
    expect(isClean(await status(repository))).toBe(true)
    await commit(repository, { message: 'nothing lost', all: true, allowEmpty: true })
    await pushMain(repository, driver)
    expect((await fullCloneOf(driver)).has(MEDIA[0] ?? '')).toBe(true)
  })
})

describe('a clone with some media', () => {
  const cases: readonly (readonly [string, Partial<MediaFilter>, readonly number[]])[] = [
    ['of a subset', { subsets: ['val'] }, [2]],
    ['below a path', { paths: ['data/media/train'] }, [0, 1]],
    ['that a query chooses', { where: 'category = "cat"' }, [0, 2]],
    ['that fulfil all conditions', { subsets: ['train'], where: 'category = "cat"' }, [0]],
    ['all of them', {}, [0, 1, 2]],
  ]
  it.each(cases)('has those %s', async (_name, filter, expected) => {
    const { driver } = await shared()
    const { repository, at, missing } = await clone(driver, { ...ALL_MEDIA, ...filter })
    expect(mediaOn(at)).toEqual(expected.map((index) => MEDIA[index]))
    expect(missing.length).toBeLessThanOrEqual(1)
    expect(isClean(await status(repository))).toBe(true)
  })

  it('gets new images that its filter chooses when it pulls them', async () => {
    const { driver, one } = await shared()
    const { repository, at } = await clone(driver, { ...ALL_MEDIA, subsets: ['val'] })
    one.item('val/new', [])
    one.item('train/new', [])
    await one.commit('images')
    await pushMain(one.repository, driver)
    await pull(repository, driver)
    expect(existsSync(at('data/media/val/new.png'))).toBe(true)
    expect(existsSync(at('data/media/train/new.png'))).toBe(false)
  })

  it('is as before when the remote does not answer', async () => {
    const { driver, one } = await shared()
    const part = await clone(driver, { ...ALL_MEDIA, subsets: ['val'] })
    const { repository } = part
    one.item('val/new', [])
    await one.commit('images')
    await pushMain(one.repository, driver)
    part.isOffline = true
    const before = (await repository.state()).headCommit
    await expect(pull(repository, driver)).rejects.toThrow('offline')
    expect((await repository.state()).headCommit).toBe(before)
    expect(isClean(await status(repository))).toBe(true)
    part.isOffline = false
    await pull(repository, driver)
    expect(isClean(await status(repository))).toBe(true)
  })

  it('widens, and keeps local edits', async () => {
    const { driver } = await shared()
    const { repository, at, missing } = await clone(driver, NONE)
    writeFileSync(at('README.md'), 'edited')
    await restore(repository, { paths: ['data/media/train/a.png'] })
    expect(mediaOn(at)).toEqual([MEDIA[0]])
    writePartialClone(localConfigFile(repository.folder), { ...ALL_MEDIA, remote: 'origin' })
    await fillMedia(repository)
    expect(mediaOn(at)).toEqual(MEDIA)
    expect(missing).toEqual([1, 2])
    expect(readFileSync(at('README.md'), 'utf8')).toBe('edited')
    expect((await status(repository)).unstaged.map((each) => each.path)).toEqual(['README.md'])
    expect(await problems(repository.store)).toEqual([])
  })

  it('stores what it writes over when only the remote had it', async () => {
    const { driver, one } = await shared()
    const { repository, at } = await clone(driver, NONE)
    const file = 'data/media/val/c.png'
    placeByHand(one, at, file)
    expect(isClean(await status(repository))).toBe(true)
    one.write(file, 'other pixels')
    await one.commit('theirs')
    await pushMain(one.repository, driver)
    await pull(repository, driver)
    expect(readFileSync(at(file), 'utf8')).toBe('other pixels')
    await undo(repository)
    expect(readFileSync(at(file), 'utf8')).toBe('pixels of val/c')
  })
})

/** Puts a file where a clone has left it out. */
function placeByHand(one: TinyRepository, at: (file: string) => string, file: string): void {
  mkdirSync(path.dirname(at(file)), { recursive: true })
  writeFileSync(at(file), readFileSync(one.at(file)))
}

describe('a clone without old commits', () => {
  it('shows what it has, and commits and pushes', async () => {
    const { driver } = await shared()
    const { repository, at } = await clone(driver, ALL_MEDIA, 1)
    expect(await all(log(repository))).toHaveLength(1)
    expect(await problems(repository.store)).toEqual([])
    await collectGarbage(repository.store)
    writeFileSync(at('README.md'), 'edited')
    await commit(repository, { message: 'third', all: true })
    await pushMain(repository, driver)
    expect((await fullCloneOf(driver)).get('README.md')).toBe('edited')
    expect(await all(log(repository))).toHaveLength(2)
  })

  it('merges where the base is here, and says when it is not', async () => {
    const { driver, one } = await shared()
    const { repository, at } = await clone(driver, ALL_MEDIA, 1)
    await switchTo(one.repository, { target: 'old', create: true, start: 'HEAD~1' })
    one.write('old.txt', 'old')
    const old = await one.commit('from before')
    await over(driver, async (remote) =>
      push(one.repository, remote, [{ name: 'refs/heads/old', to: old }]),
    )
    await switchTo(one.repository, { target: 'main' })
    one.write('new.txt', 'new')
    await one.commit('theirs')
    await pushMain(one.repository, driver)
    writeFileSync(at('README.md'), 'edited')
    await commit(repository, { message: 'ours', all: true })
    await pull(repository, driver)
    expect(readFileSync(at('new.txt'), 'utf8')).toBe('new')
    await expect(merge(repository, { revision: 'origin/old' })).rejects.toMatchObject({
      code: 'DSV_HISTORY_CUT',
    })
    await over(driver, async (remote) => fetch(repository, remote, { depth: Infinity }))
    await merge(repository, { revision: 'origin/old' })
    expect(readFileSync(at('old.txt'), 'utf8')).toBe('old')
    await pushMain(repository, driver)
    expect((await fullCloneOf(driver)).get('old.txt')).toBe('old')
  })

  it('gets more commits as it is told', async () => {
    const { driver, one } = await shared()
    one.write('README.md', '3')
    await one.commit('third')
    await pushMain(one.repository, driver)
    const { repository } = await clone(driver, NONE, 1)
    for (const [depth, commits] of [
      [1, 1],
      [2, 2],
      [Infinity, 3],
    ] as const) {
      await over(driver, async (remote) => fetch(repository, remote, { depth }))
      expect(await all(log(repository))).toHaveLength(commits)
    }
  })

  it('does not push to a remote that lacks the old commits either', async () => {
    const { driver } = await shared()
    const { repository } = await clone(driver, ALL_MEDIA, 1)
    const second = memoryDriver()
    await emptyRemote(second)
    await expect(pushMain(repository, second)).rejects.toMatchObject({ code: 'DSV_HISTORY_CUT' })
  })
})

describe('whatever somebody with a partial clone does', () => {
  type Step = 'edit' | 'add' | 'theirs' | 'pull' | 'push' | 'undo' | 'branch' | 'gc' | 'get'
  const steps = fc.array(
    fc.constantFrom<Step>('edit', 'add', 'theirs', 'pull', 'push', 'undo', 'branch', 'gc', 'get'),
    { minLength: 3, maxLength: 6 },
  )
  const filters = fc.constantFrom<MediaFilter>(
    NONE,
    { ...ALL_MEDIA, subsets: ['val'] },
    { ...ALL_MEDIA, where: 'category = "cat"' },
  )

  it('no image is lost, and the remote is whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.constantFrom(undefined, 1),
        steps,
        async (filter, depth, todo) => {
          const { driver, one } = await shared()
          const { repository, at } = await clone(driver, filter, depth)
          let count = 0
          const work: Record<Step, () => Promise<unknown>> = {
            edit: async () => {
              const text = tinyItem(['media/val/c.png'], [box('dog', (count += 1))])
              writeFileSync(at('data/labels/val/c.json'), text)
              await commit(repository, { message: 'edit', all: true })
            },
            add: async () => {
              const name = `val/mine-${(count += 1)}`
              mkdirSync(path.dirname(at(`data/media/${name}`)), { recursive: true })
              writeFileSync(at(`data/media/${name}.png`), `mine ${count}`)
              writeFileSync(at(`data/labels/${name}.json`), tinyItem([`media/${name}.png`], []))
              await add(repository, { paths: [''] })
              await commit(repository, { message: 'add' })
            },
            theirs: async () => {
              await pull(one.repository, driver)
              one.item(`train/theirs-${(count += 1)}`, [box('cat', count)])
              await one.commit('theirs')
              await pushMain(one.repository, driver)
            },
            pull: async () => {
              await pull(repository, driver)
              if ((await status(repository)).merge !== undefined)
                throw new Error('These edits do not conflict.')
            },
            push: async () => {
              await pull(repository, driver)
              await pushMain(repository, driver)
            },
            undo: async () => {
              await work.theirs()
              await pull(repository, driver)
              await undo(repository)
            },
            branch: async () => {
              const name = `branch-${(count += 1)}`
              await switchTo(repository, { target: name, create: true, start: 'origin/main' })
              await switchTo(repository, { target: 'main' })
            },
            gc: async () => collectGarbage(repository.store),
            get: async () => restore(repository, { paths: ['data/media'] }),
          }
          for (const step of todo) {
            await work[step]()
            expect(isClean(await status(repository))).toBe(true)
          }
          // An undo may have taken back the first commits here.
          await work.push()
          const files = await fullCloneOf(driver)
          for (const file of MEDIA) expect(files.has(file)).toBe(true)
        },
      ),
      { numRuns: 3, endOnFailure: true },
    )
  }, 180_000)
})
