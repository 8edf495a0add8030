import {
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  encodeCommit,
  encodeFile,
  type FileRecord,
  type Repository,
  reset,
  switchTo,
} from '@dsv/core'
import {
  buildTree,
  decodeRoot,
  encodeCanonical,
  encodeRoot,
  folderDriver,
  type FragmentEntry,
  hashBlob,
  isDsvError,
  memoryDriver,
  packPath,
  type ObjectId,
  readPackContents,
  type RootRecord,
  scanBatches,
  type StorageDriver,
  Store,
  toBlobId,
  toObjectId,
  type TreeRef,
  writeIndexFragment,
  type WriteSession,
} from '@dsv/store'
import { dsvSource, fetch, importFrom, openRemote } from '@dsv/remote'
import { encodeChunkList } from '../../../store/src/pack/chunk-list.ts'
import { PackWriter } from '../../../store/src/pack/pack-writer.ts'
import { info } from '../serve/served-repository.ts'
import { emptyRepository } from './two-people.ts'

const MAIN = 'refs/heads/main'
const SOMEBODY = { name: 'Eve', email: 'eve@example.org', timeSeconds: 0, tzMinutes: 0 }
const NOWHERE = toObjectId('ab'.repeat(32))

const opened: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

async function victim(): Promise<Repository> {
  const made = await emptyRepository()
  opened.push(made)
  return made.repository
}

/** Makes a remote whose branch main is what `build` stores, without any check. */
async function remoteWith(
  build: (session: WriteSession) => Promise<ObjectId>,
): Promise<StorageDriver> {
  const driver = memoryDriver()
  const store = await Store.create(driver)
  await store.write(info('hostile'), async (session) => {
    const to = await build(session)
    await session.publish(() => ({ refs: [{ name: MAIN, from: undefined, to }] }))
  })
  await store.close()
  return driver
}

async function putCommit(session: WriteSession, files: TreeRef): Promise<ObjectId> {
  const commit = { files, datasets: new Map(), parents: [], message: 'hello', extra: {} }
  const people = { author: SOMEBODY, committer: SOMEBODY }
  return session.putObject('commit', encodeCommit({ ...commit, ...people }))
}

type Planted = string | FileRecord

/** Makes a remote with one commit of such files, by path; text stands for a file with that text. */
async function remoteWithFiles(
  files: readonly (readonly [path: string, file: Planted])[],
): Promise<StorageDriver> {
  return remoteWith(async (session) => {
    const entries = []
    for (const [name, file] of files) {
      if (typeof file !== 'string') entries.push(encodeFile(name, file))
      else {
        const blob = toBlobId(await session.putBlob(Buffer.from(file)))
        const sizeBytes = Buffer.byteLength(file)
        entries.push(encodeFile(name, { type: 'file', blob, sizeBytes, role: 'none' }))
      }
    }
    const sorted = entries.toSorted((a, b) => Buffer.compare(a.key, b.key))
    return putCommit(session, await buildTree(session, sorted))
  })
}

async function fetchFrom(repository: Repository, driver: StorageDriver): Promise<void> {
  const remote = await openRemote('origin', driver)
  try {
    await fetch(repository, remote)
  } finally {
    await remote.close()
  }
}

async function checkOut(repository: Repository): Promise<void> {
  await switchTo(repository, { target: 'main', create: true, start: 'origin/main' })
}

/** Returns the code of the error that `work` ends with, and nothing else. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (isDsvError(error)) return error.code
    throw error
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => !name.startsWith('.dsv'))
}

describe('a remote whose files have hostile names', () => {
  it.each([
    '../x',
    '/x',
    'a/../../x',
    'a/../b',
    'a/./b',
    'a//b',
    '.',
    '..',
    '.git/hooks/post-checkout',
    '.GIT/config',
    'sub/.git/hooks/post-checkout',
    '.git./config',
    '.git /config',
    'git~1/config',
    '.gi\u200Ct/config',
    '.git::$INDEX_ALLOCATION/config',
    '.dsv/root',
    '.Dsv/local/config.json',
    'CON',
    'a/aux.txt',
    'com1 .png',
    'CONIN$',
    'a\\..\\x',
    'a\0b',
  ])('writes nothing for %j', async (name) => {
    const user = await victim()
    await fetchFrom(
      user,
      await remoteWithFiles([
        ['fine.txt', 'fine'],
        [name, 'evil'],
      ]),
    )
    expect(await codeOf(checkOut(user))).toBe('DSV_PATH_UNSAFE')
    expect(filesIn(user.folder)).toEqual([])
    expect(existsSync(path.join(user.folder, '..', 'x'))).toBe(false)
    expect(readdirSync(path.join(user.folder, '.dsv'))).not.toContain('hooks')
  })

  it('deletes nothing outside when it was only staged', async () => {
    const user = await victim()
    const outside = path.join(user.folder, '..', `${path.basename(user.folder)}-mine`)
    writeFileSync(outside, 'known text')
    const name = `../${path.basename(outside)}`
    await fetchFrom(user, await remoteWithFiles([[name, 'known text']]))
    await reset(user, { revision: 'origin/main' })
    await reset(user, { revision: 'origin/main', mode: 'soft' })
    const fine = await remoteWithFiles([['fine.txt', 'fine']])
    const remote = await openRemote('fine', fine)
    await fetch(user, remote)
    await remote.close()
    await switchTo(user, { target: 'fine', create: true, start: 'fine/main' })
    expect(filesIn(user.folder)).toEqual(['fine.txt'])
    expect(readFileSync(outside, 'utf8')).toBe('known text')
  })

  it('does not import what it could not check out', async () => {
    const user = await victim()
    const remote = await openRemote(
      'origin',
      await remoteWithFiles([
        ['data/../../x', 'evil'],
        ['data/fine', 'fine'],
      ]),
    )
    opened.push(remote)
    const request = { url: 'x', options: {}, from: 'data', to: 'data' }
    expect(await codeOf(importFrom(user, dsvSource(remote), request))).toBe('DSV_PATH_UNSAFE')
    for (const to of ['../x', '.git', '.dsv/x'])
      expect(
        await codeOf(importFrom(user, dsvSource(remote), { ...request, from: 'data/fine', to })),
      ).toBe('DSV_PATH_UNSAFE')
    expect(filesIn(user.folder)).toEqual([])
  })

  it('makes no file and folder of one name', async () => {
    const user = await victim()
    await fetchFrom(
      user,
      await remoteWithFiles([
        ['a', 'file'],
        ['a/b', 'below'],
      ]),
    )
    expect(await codeOf(checkOut(user))).toBe('DSV_STORAGE_FAILED')
    expect(filesIn(user.folder)).toEqual([])
  })
})

describe('a remote with hostile links', () => {
  const link = (target: string): FileRecord => ({ type: 'symlink', target })

  it.each([
    ['a', '/etc/passwd'],
    ['a', '..'],
    ['a', '../x'],
    ['d/a', '../../x'],
    ['a', 'b/../../x'],
    // Through another link this one would lead out: goes up after it went down.
    ['p/q/a', 'top/../../x'],
    ['a', '.git/config'],
    ['a', '.dsv/local/config.json'],
    ['a', 'c:\\x'],
    ['a', ''],
  ])('does not make %s → %j', async (name, target) => {
    const user = await victim()
    const files: [string, Planted][] = [
      [name, link(target)],
      ['p/q/top', link('../..')],
    ]
    await fetchFrom(user, await remoteWithFiles(files))
    expect(await codeOf(checkOut(user))).toBe('DSV_PATH_BLOCKED')
    expect(filesIn(user.folder).filter((each) => each.endsWith('a'))).toEqual([])
  })

  it('writes nothing through a link that came with it, or lay there before', async () => {
    const user = await victim()
    await fetchFrom(
      user,
      await remoteWithFiles([
        ['a', link('sub')],
        ['a/b', 'evil'],
      ]),
    )
    expect(await codeOf(checkOut(user))).toBe('DSV_PATH_BLOCKED')
    expect(filesIn(user.folder)).toEqual([])

    const other = await victim()
    symlinkSync('..', path.join(other.folder, 'a'))
    const planted = `${path.basename(other.folder)}-evil`
    await fetchFrom(other, await remoteWithFiles([[`a/${planted}`, 'evil']]))
    expect(await codeOf(checkOut(other))).toBe('DSV_CHECKOUT_WOULD_OVERWRITE')
    expect(existsSync(path.join(other.folder, '..', planted))).toBe(false)
  })
})

describe('a remote with a hostile root', () => {
  const withRoot = async (change: (root: RootRecord) => RootRecord): Promise<StorageDriver> => {
    const driver = await remoteWithFiles([['fine.txt', 'fine']])
    const { bytes, version } = (await driver.readVersioned('root')) ?? { bytes: '', version: '' }
    if (typeof bytes === 'string') throw new Error('There is a root.')
    await driver.replaceIf('root', version, encodeRoot(change(decodeRoot(bytes, 'x'))))
    return driver
  }

  it.each([
    'refs/heads/../../x',
    'refs/heads/a\u001B[2J',
    'refs/heads/a b',
    '../x',
    '/etc/x',
    'refs/heads/',
    'refs/heads/x.lock',
    'refs/heads/-x\0',
  ])('is not opened when it names the ref %j', async (name) => {
    const driver = await withRoot((root) => ({ ...root, refs: new Map([[name, NOWHERE]]) }))
    expect(await codeOf(openRemote('origin', driver))).toBe('DSV_ROOT_CORRUPT')
  })

  it.each(['../../etc/passwd', 'a/b', '', 'x'.repeat(200)])(
    'is not opened when it names the index %j',
    async (name) => {
      const driver = await withRoot((root) => ({ ...root, fragments: [name] }))
      expect(await codeOf(openRemote('origin', driver))).toBe('DSV_ROOT_CORRUPT')
    },
  )

  it('is not opened when it is too large, altered, cut, or anything else', async () => {
    const driver = await withRoot((root) => root)
    const good = Buffer.from(await driver.read('root'))
    const serving = (bytes: Uint8Array): StorageDriver => ({
      ...driver,
      readVersioned: async () => ({ bytes, version: 'x' }),
    })
    const huge = Buffer.concat([good, Buffer.alloc(65 * 2 ** 20)])
    const altered = Buffer.from(good)
    altered[60] = (altered[60] ?? 0) ^ 1
    for (const bytes of [huge, altered, good.subarray(0, -1), Buffer.alloc(0), Buffer.alloc(1000)])
      expect(await codeOf(openRemote('origin', serving(bytes)))).toBe('DSV_ROOT_CORRUPT')
  })

  it('is not read when its file is larger than any', async () => {
    const user = await victim()
    truncateSync(path.join(user.folder, '.dsv', 'root'), 5 * 2 ** 30)
    const opening = openRemote('origin', folderDriver(path.join(user.folder, '.dsv')))
    expect(await codeOf(opening)).toBe('DSV_ROOT_CORRUPT')
  })

  it('moves no ref here to what it does not send', async () => {
    const user = await victim()
    const refs = new Map([[MAIN, NOWHERE]])
    const driver = await withRoot((root) => ({ ...root, refs }))
    expect(await codeOf(fetchFrom(user, driver))).toBe('DSV_OBJECT_NOT_FOUND')
    expect([...(await user.state()).refs.keys()]).toEqual([])
  })

  it('moves no ref here to what is no commit', async () => {
    const user = await victim()
    const blob = toObjectId(hashBlob(Buffer.from('fine')))
    const driver = await withRoot((root) => ({ ...root, refs: new Map([[MAIN, blob]]) }))
    expect(await codeOf(fetchFrom(user, driver))).toBe('DSV_OBJECT_NOT_FOUND')
    expect([...(await user.state()).refs.keys()]).toEqual([])
  })
})

describe('a remote whose objects are damaged or lie', () => {
  /** Serves the remote with an index that says something else of every entry, or of one more. */
  const indexed = async (
    driver: StorageDriver,
    change: (entry: FragmentEntry) => FragmentEntry,
  ): Promise<StorageDriver> => {
    const { bytes, version } = (await driver.readVersioned('root')) ?? { bytes: '', version: '' }
    if (typeof bytes === 'string') throw new Error('There is a root.')
    const entries: FragmentEntry[] = []
    for await (const { path: file } of driver.list('objects/pack/')) {
      const packId = path.basename(file, '.pack')
      for (const entry of (await readPackContents(driver, packId)).entries)
        entries.push(change({ ...entry, packId }))
    }
    const { name } = await writeIndexFragment(driver, entries)
    const root = { ...decodeRoot(bytes, 'x'), fragments: [name] }
    await driver.replaceIf('root', version, encodeRoot(root))
    return driver
  }

  it.each<[string, (entry: FragmentEntry) => FragmentEntry]>([
    ['offsets', (entry) => ({ ...entry, offset: entry.offset + 1 })],
    ['offsets behind the end', (entry) => ({ ...entry, offset: 2 ** 39 })],
    ['shorter payloads', (entry) => ({ ...entry, storedLength: entry.storedLength - 1 })],
    ['payloads of 4 GiB', (entry) => ({ ...entry, storedLength: 2 ** 32 - 1 })],
    ['contents of 4 GiB', (entry) => ({ ...entry, rawLength: 2 ** 32 - 1 })],
    ['contents that are shorter', (entry) => ({ ...entry, rawLength: entry.rawLength - 1 })],
    ['another coding', (entry) => ({ ...entry, codec: 1 - entry.codec })],
    ['a coding that nobody knows', (entry) => ({ ...entry, codec: 200 })],
    ['other kinds', (entry) => ({ ...entry, kind: entry.kind === 'node' ? 'commit' : 'node' })],
    ['lists of chunks', (entry) => ({ ...entry, kind: 'chunks' })],
    ['packs that are not there', (entry) => ({ ...entry, packId: NOWHERE })],
  ])('gives nothing when its index lies about %s', async (_what, change) => {
    const user = await victim()
    const driver = await indexed(await remoteWithFiles([['a.txt', 'a'.repeat(5000)]]), change)
    expect(await codeOf(fetchFrom(user, driver))).toMatch(
      /^DSV_(?:OBJECT_CORRUPT|OBJECT_NOT_FOUND|PACK_CORRUPT)$/,
    )
    expect([...(await user.state()).refs.keys()]).toEqual([])
  })

  it('gives nothing, or what is right, when a byte of a pack is another', async () => {
    const driver = await remoteWithFiles([['a.txt', 'some text']])
    const changedAt = (at: number): StorageDriver => ({
      ...driver,
      readRange: async (file, offset, length) => {
        const bytes = await driver.readRange(file, offset, length)
        const index = at - offset
        if (file.endsWith('.pack') && offset >= 0 && index >= 0 && index < bytes.length)
          bytes[index] = (bytes[index] ?? 0) ^ 1
        return bytes
      },
    })
    const found: string[] = []
    for (let at = 8; at < 300; at += 23) {
      const user = await victim()
      const code = await codeOf(fetchFrom(user, changedAt(at)))
      if (code !== 'none') found.push(`${code} ${(await user.state()).refs.size}`)
      else {
        await checkOut(user)
        found.push(readFileSync(path.join(user.folder, 'a.txt'), 'utf8'))
      }
    }
    for (const each of found) expect(each).toMatch(/^some text$|^DSV_(?:OBJECT|PACK|TREE)_.* 0$/)
    expect(new Set(found).size).toBeGreaterThan(1)
  })

  it('fills no memory with what was packed a thousand times', async () => {
    const user = await victim()
    const bomb = Buffer.alloc(300 * 2 ** 20)
    const stored = deflateRawSync(bomb)
    expect(stored.length).toBeLessThan(2 ** 20)
    const lying = await indexed(await remoteWithFiles([['a', 'x']]), (entry) => ({
      ...entry,
      packId: NOWHERE,
      offset: 0,
      storedLength: stored.length,
      codec: 1,
      rawLength: bomb.length,
    }))
    await lying.write(packPath(NOWHERE), stored)
    // Its hash was not even looked at: nothing was unpacked.
    await expect(fetchFrom(user, lying)).rejects.toMatchObject({
      code: 'DSV_OBJECT_CORRUPT',
      message: expect.stringContaining('cannot be read'),
    })
  })

  it('follows no list of chunks that names itself or another list', async () => {
    const user = await victim()
    const driver = await remoteWithFiles([['a', 'x'.repeat(100)]])
    const whole = hashBlob(Buffer.from('x'.repeat(100)))
    const pack = new PackWriter(driver)
    const list = encodeChunkList(whole, [{ blobId: whole, sizeBytes: 100 }])
    const line = pack.append('chunks', whole, list)
    const { packId } = await pack.complete()
    const lying = await indexed(driver, (entry) =>
      entry.id === whole ? { ...line, kind: 'chunks', id: whole, packId } : entry,
    )
    expect(await codeOf(fetchFrom(user, lying))).toBe('DSV_OBJECT_CORRUPT')
  })

  it('gains nothing by a size that a file does not have', async () => {
    const user = await victim()
    const text = Buffer.from('small')
    const driver = await remoteWith(async (session) => {
      const blob = toBlobId(await session.putBlob(text))
      const file: FileRecord = { type: 'file', blob, sizeBytes: 2 ** 50, role: 'none' }
      return putCommit(session, await buildTree(session, [encodeFile('a', file)]))
    })
    await fetchFrom(user, driver)
    await checkOut(user)
    expect(readFileSync(path.join(user.folder, 'a'), 'utf8')).toBe('small')
  })
})

describe('a remote with hostile trees', () => {
  /** A node of the given level: keys, and the ids of what is below. */
  const node = (
    level: number,
    keys: readonly string[],
    below: readonly (readonly [id: ObjectId, count: number, sizeBytes: number])[],
  ): { links: readonly ObjectId[]; payload: Uint8Array } => {
    const bytes: number[] = [1, level, keys.length, keys.reduce((sum, key) => sum + key.length, 0)]
    keys.forEach((key, index) => {
      let shared = 0
      const before = keys[index - 1] ?? ''
      while (shared < before.length && before[shared] === key[shared]) shared += 1
      if (index % 16 === 0) shared = 0
      else bytes.push(shared)
      bytes.push(key.length - shared, ...Buffer.from(key.slice(shared)))
    })
    for (const [, count, sizeBytes] of below) bytes.push(...varint(count), ...varint(sizeBytes))
    return { links: below.map(([id]) => id), payload: Buffer.from(bytes) }
  }
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]

  it('reads no entry twice, however its nodes share their children', async () => {
    const driver = memoryDriver()
    const store = await Store.create(driver)
    await store.write(info('laughs'), async (session) => {
      // Ten nodes a level, each with the same nine children and one of its own: 10^20 entries.
      let level: [id: ObjectId, count: number, sizeBytes: number, key: string][] = []
      for (const key of '0123456789') {
        const tree = await buildTree(session, [
          { key: Buffer.from(key), value: Buffer.alloc(1), links: [] },
        ])
        if (tree.root !== undefined) level.push([tree.root, 1, tree.sizeBytes, key])
      }
      for (let depth = 1; depth <= 12; depth += 1) {
        const next: typeof level = []
        for (let at = 0; at < 10; at += 1) {
          const children = level.slice(0, at + 1)
          const keys = children.map(([, , , key]) => key)
          const sums = children.map(([id, count, size]) => [id, count, size] as const)
          const count = sums.reduce((sum, [, each]) => sum + each, 0)
          const size = sums.reduce((sum, [, , each]) => sum + each, 0)
          const id = await session.putObject('node', node(depth, keys, sums))
          next.push([id, count, size, keys.at(-1) ?? ''])
        }
        level = next
      }
      const [root, count = 0, sizeBytes = 0] = level.at(-1) ?? []
      expect(count).toBeGreaterThan(100_000)
      let read = 0
      const scan = async (): Promise<void> => {
        for await (const batch of scanBatches(session, { root, count, sizeBytes }))
          read += batch.length
      }
      expect(await codeOf(scan())).toBe('DSV_TREE_CORRUPT')
      expect(read).toBeLessThanOrEqual(10)
      await session.publish(() => ({ refs: [] }))
    })
  })

  it('gives no tree that is deeper than trees are', async () => {
    const user = await victim()
    const driver = await remoteWith(async (session) => {
      let tree = await buildTree(session, [
        { key: Buffer.from('a'), value: encodeCanonical([1, 3]), links: [] },
      ])
      for (let depth = 1; depth <= 100; depth += 1) {
        if (tree.root === undefined) throw new Error('The tree is not empty.')
        const { count, sizeBytes } = tree
        const below = [[tree.root, count, sizeBytes] as const]
        tree = { ...tree, root: await session.putObject('node', node(depth, ['a'], below)) }
      }
      return putCommit(session, tree)
    })
    await fetchFrom(user, driver)
    expect(await codeOf(checkOut(user))).toBe('DSV_TREE_CORRUPT')
  })

  it('gives no tree that claims to be larger than it is', async () => {
    const user = await victim()
    const driver = await remoteWith(async (session) =>
      putCommit(session, {
        ...(await buildTree(session, [
          { key: Buffer.from('a'), value: encodeCanonical([1, 3]), links: [] },
        ])),
        count: 2 ** 40,
      }),
    )
    await fetchFrom(user, driver)
    expect(await codeOf(checkOut(user))).toBe('DSV_TREE_CORRUPT')
  })

  it('leads to nothing when a commit leaves out what it needs', async () => {
    const user = await victim()
    const honest = await remoteWithFiles([['a', 'x']])
    const silent: StorageDriver = {
      ...honest,
      sizeOf: async (file) => (file.startsWith('objects/pack') ? undefined : honest.sizeOf(file)),
    }
    expect(await codeOf(fetchFrom(user, silent))).toBe('DSV_OBJECT_NOT_FOUND')
  })
})
