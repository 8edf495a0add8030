import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDriver } from '@dsv/remote'
import { blobPath, hashBlob, memoryDriver, packPath, type StorageDriver } from '@dsv/store'
import git from 'isomorphic-git'
import { testStorageDriver } from '../../../store/test/driver/storage-driver-contract.ts'
import { gitDriver } from '../../src/git/git-driver.ts'
import { hasGit } from '../dvc/serve-git.ts'
import { type GitFiles, writeGit } from '../dvc/write-git.ts'
import { testSharing } from '../transfer/sharing-contract.ts'
import { type GitHttpServer, startGitHttpServer } from './git-http-server.ts'

const folder = fs.mkdtempSync(path.join(tmpdir(), 'dsv-git-test-'))
let server: GitHttpServer | undefined
beforeAll(async () => {
  if (hasGit) server = await startGitHttpServer(folder)
})
afterAll(async () => {
  await server?.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

async function emptyGit(): Promise<string> {
  const name = `${randomUUID()}.git`
  await git.init({ fs, gitdir: path.join(folder, name), bare: true, defaultBranch: 'main' })
  return name
}
const fileUrl = (name: string): string => `git+${pathToFileURL(path.join(folder, name)).href}`
const httpUrl = (name: string): string => `${server?.url}/${name}`
const cacheFolder = path.join(folder, 'cache')
const open = async (address: string): Promise<StorageDriver> =>
  openDriver(address, { base: folder, env: {}, cacheFolder })
const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (read: Uint8Array | undefined): string => Buffer.from(read ?? []).toString()

/** What `git fsck` says, where there is Git. */
function problemsFoundByGit(gitdir: string): string {
  if (!hasGit) return ''
  const { status, stderr } = spawnSync('git', ['--git-dir', gitdir, 'fsck', '--strict'])
  return status === 0 ? '' : stderr.toString()
}

testStorageDriver('a Git folder as storage', async () => open(fileUrl(await emptyGit())))
testSharing('a Git folder', async () => {
  const name = await emptyGit()
  return { open: async () => open(fileUrl(name)) }
})
if (hasGit) {
  testStorageDriver('a Git host as storage', async () => open(httpUrl(await emptyGit())))
  testSharing('a Git host', async () => {
    const name = await emptyGit()
    // Each person has a cache of their own.
    return { open: async () => openDriver(httpUrl(name), { base: folder, env: {} }) }
  })
} else process.stderr.write('Git is not installed: no test of a Git host over HTTP.\n')

describe.each(hasGit ? ['folder', 'host'] : ['folder'])('two writers of a Git %s', (kind) => {
  const of = (name: string): string => (kind === 'folder' ? fileUrl(name) : httpUrl(name))

  it('one wins, and what both wrote is there in the end', async () => {
    const name = await emptyGit()
    const writers = await Promise.all([open(of(name)), open(of(name))])
    const first = await writers[0]?.replaceIf('root', undefined, bytes('0'))
    await Promise.all(
      writers.map(async (driver, number) => driver.write(`objects/${number}`, bytes('x'))),
    )
    const swaps = writers.map(async (driver, number) =>
      driver.replaceIf('root', first, bytes(`by ${number}`)),
    )
    const results = await Promise.allSettled(swaps)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'DSV_STORAGE_CONFLICT' },
    })
    const loser = writers[results.findIndex(({ status }) => status === 'rejected')]
    const seen = await loser?.readVersioned('root')
    await loser?.replaceIf('root', seen?.version, bytes('both'))
    const reader = await open(of(name))
    expect(text(await reader.read('root'))).toBe('both')
    expect(text(await reader.read('objects/0'))).toBe('x')
    expect(text(await reader.read('objects/1'))).toBe('x')
    for (const driver of [...writers, reader]) await driver.close?.()
  })

  it('deletes with the swap, and a conflict takes the deletion back', async () => {
    const name = await emptyGit()
    const driver = await open(of(name))
    await driver.write('objects/old', bytes('old'))
    await driver.write('objects/kept', bytes('kept'))
    const first = await driver.replaceIf('root', undefined, bytes('1'))
    await driver.delete('objects/old')
    await driver.delete('objects/kept')
    await expect(driver.replaceIf('root', undefined, bytes('x'))).rejects.toMatchObject({
      code: 'DSV_STORAGE_CONFLICT',
    })
    expect(text(await driver.read('objects/kept'))).toBe('kept')
    await driver.delete('objects/old')
    await driver.replaceIf('root', first, bytes('2'))
    const reader = await open(of(name))
    expect(await reader.sizeOf('objects/old')).toBeUndefined()
    expect(text(await reader.read('objects/kept'))).toBe('kept')
    const gitdir = path.join(folder, name)
    expect(problemsFoundByGit(gitdir)).toBe('')
    const oid = await git.resolveRef({ fs, gitdir, ref: 'refs/dsv/data' })
    expect((await git.readCommit({ fs, gitdir, oid })).commit.parent).toEqual([])
    for (const each of [driver, reader]) await each.close?.()
  })

  it('keeps large files in parts', async () => {
    const name = await emptyGit()
    const settings = { options: {}, env: {}, partBytes: 10, openMedia: async () => memoryDriver() }
    const driver = await gitDriver(of(name), settings)
    const large = bytes('0123456789abcdefghij-----')
    await driver.write('objects/large', large)
    await driver.replaceIf('root', undefined, bytes('1'))
    const reader = await open(of(name))
    expect(text(await reader.read('objects/large'))).toBe(text(large))
    expect(text(await reader.readRange('objects/large', 8, 4))).toBe('89ab')
    expect(await reader.sizeOf('objects/large')).toBe(25)
    for (const each of [driver, reader]) await each.close?.()
  })
})

it('asks a Git host seldom, and sends the token to it only', async () => {
  if (server === undefined) return
  const name = await emptyGit()
  const env = { DSV_GIT_TOKEN: 'secret' }
  const driver = await openDriver(httpUrl(name), { base: folder, env })
  const count = async (run: () => Promise<unknown>): Promise<number> => {
    const before = server?.seen.length ?? 0
    await run()
    return (server?.seen.length ?? 0) - before
  }
  await driver.write('objects/a', bytes('a'))
  expect(await count(async () => driver.replaceIf('root', undefined, bytes('1')))).toBe(2)
  expect(await count(async () => driver.readVersioned('root'))).toBe(1)
  expect(await count(async () => driver.read('objects/a'))).toBe(0)
  await driver.close?.()
  const reader = await openDriver(httpUrl(name), { base: folder, env })
  expect(await count(async () => reader.readVersioned('root'))).toBe(2)
  expect(await count(async () => reader.read('objects/a'))).toBe(0)
  await reader.close?.()
  expect(server.seen.at(-1)).toContain('Basic ')
})

describe('media of a storage in Git', () => {
  const id = hashBlob(bytes('a picture'))

  it('are refused above the budget', async () => {
    const address = fileUrl(await emptyGit())
    const options = { 'media-budget': '10' }
    const driver = await openDriver(address, { base: folder, options, env: {} })
    await driver.write(blobPath(id), bytes('a picture'))
    await driver.write(blobPath(id), bytes('a picture'))
    const other = hashBlob(bytes('more'))
    await expect(driver.write(blobPath(other), bytes('more'))).rejects.toMatchObject({
      code: 'DSV_GIT_BUDGET_EXCEEDED',
    })
    await driver.write(packPath(id), bytes('no media in here'))
    await driver.close?.()
  })

  it('go to the storage beside it, where the leases are too', async () => {
    const address = fileUrl(await emptyGit())
    const beside = path.join(folder, randomUUID())
    const options = { media: beside }
    const driver = await openDriver(address, { base: folder, options, env: {} })
    await driver.write(blobPath(id), bytes('a picture'))
    await driver.write('objects/index/x', bytes('index'))
    await driver.replaceIf('sessions/x', undefined, bytes('lease'))
    await driver.replaceIf('root', undefined, bytes('1'))
    expect(fs.readFileSync(path.join(beside, blobPath(id)), 'utf8')).toBe('a picture')
    expect(fs.existsSync(path.join(beside, 'sessions/x'))).toBe(true)
    const reader = await openDriver(address, { base: folder, options, env: {} })
    expect(text(await reader.read(blobPath(id)))).toBe('a picture')
    expect(await reader.sizeOf(blobPath(id))).toBe(9)
    const paths: string[] = []
    for await (const entry of reader.list('objects/')) paths.push(entry.path)
    expect(paths).toEqual([blobPath(id), 'objects/index/x'])
    for (const each of [driver, reader]) await each.close?.()
  })
})

describe('a hostile Git repository', () => {
  const cases: readonly (readonly [string, GitFiles, string])[] = [
    ['a link', { root: { link: '/etc/passwd' } }, 'DSV_GIT_FAILED'],
    ['a submodule', { root: { submodule: '1'.repeat(40) } }, 'DSV_GIT_FAILED'],
    ['a drive', { 'c:x': 'x' }, 'DSV_STORAGE_PATH_INVALID'],
    ['a backslash', { '..\\x': 'x' }, 'DSV_GIT_FAILED'],
    ['parts with a gap', { 'x.parts/00001': 'x' }, 'DSV_GIT_FAILED'],
    ['a file twice', { x: 'x', 'x.parts/00000': 'x' }, 'DSV_GIT_FAILED'],
  ]
  it.each(cases)('with %s is refused', async (_, files, code) => {
    const name = await emptyGit()
    const gitdir = path.join(folder, name)
    const oid = await writeGit(gitdir, files)
    await git.writeRef({ fs, gitdir, ref: 'refs/dsv/data', value: oid })
    const driver = await open(fileUrl(name))
    await expect(driver.readVersioned('root')).rejects.toMatchObject({ code })
    await driver.close?.()
  })

  it('with a name that leads outside is refused', async () => {
    const name = await emptyGit()
    const gitdir = path.join(folder, name)
    const blob = await git.writeBlob({ fs, gitdir, blob: bytes('x') })
    const object = Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(blob, 'hex')])
    const tree = await git.writeObject({ fs, gitdir, type: 'tree', format: 'content', object })
    const author = { name: 'A', email: 'a@example.org', timestamp: 1, timezoneOffset: 0 }
    const commit = { tree, parent: [], author, committer: author, message: 'a\n' }
    const oid = await git.writeCommit({ fs, gitdir, commit })
    await git.writeRef({ fs, gitdir, ref: 'refs/dsv/data', value: oid })
    const driver = await open(fileUrl(name))
    await expect(driver.readVersioned('root')).rejects.toMatchObject({
      code: expect.stringMatching(/^DSV_(GIT_FAILED|PATH_UNSAFE)$/),
    })
    await driver.close?.()
  })

  it('refuses addresses with secrets, and unknown options', async () => {
    const invalid = { code: 'DSV_REMOTE_URL_INVALID' }
    await expect(open('git+https://me:pw@host/a.git')).rejects.toMatchObject(invalid)
    await expect(open('git+http://example.org/a.git')).rejects.toMatchObject(invalid)
    const options = { tokken: 'x' }
    const opened = openDriver(fileUrl(await emptyGit()), { base: folder, options })
    await expect(opened).rejects.toMatchObject({ code: 'DSV_REMOTE_OPTION_INVALID' })
    await expect(open(fileUrl('none.git'))).rejects.toMatchObject({ code: 'DSV_GIT_NOT_FOUND' })
  })
})
