import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type DvcRegistry, openDvcRegistry, type OpenDvcRegistryOptions } from '@dsv/remote'
import git from 'isomorphic-git'
import { readFiles } from './read-files.ts'
import { type GitServer, hasGit, serveGit } from './serve-git.ts'
import { type GitFiles, writeGit } from './write-git.ts'
import { type TestRegistry, writeRegistry } from './write-registry.ts'

const describeWithGit = hasGit ? describe : describe.skip

describeWithGit('openDvcRegistry of a URL', () => {
  let folder: string
  let server: GitServer
  let store: TestRegistry
  const env = { DVC_GLOBAL_CONFIG_DIR: '/nowhere' }

  beforeEach(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-url-'))
    server = await serveGit(folder)
    store = writeRegistry(path.join(folder, 'store'))
  })
  afterEach(async () => {
    await server.close()
    fs.rmSync(folder, { recursive: true, force: true })
  })

  /** Commits files with a remote that the server has, and moves the objects there. */
  async function commit(files: GitFiles, branch = 'main'): Promise<string> {
    const config = `[core]\nremote = r\n['remote "r"']\nurl = ${server.url}/files\n`
    if (fs.existsSync(store.remote)) {
      fs.cpSync(store.remote, path.join(folder, 'files'), { recursive: true })
    }
    return writeGit(path.join(folder, 'reg.git'), { '.dvc/config': config, ...files }, { branch })
  }
  async function withRegistry<Result>(
    options: OpenDvcRegistryOptions,
    use: (registry: DvcRegistry) => Promise<Result>,
  ): Promise<Result> {
    const registry = await openDvcRegistry(`${server.url}/reg.git`, { env, ...options })
    try {
      return await use(registry)
    } finally {
      await registry.close()
    }
  }
  const readAll = (
    options: OpenDvcRegistryOptions = {},
  ): Promise<Readonly<Record<string, string>>> =>
    withRegistry(options, (registry) => readFiles(registry, ''))

  it('fetches one commit and reads objects over HTTP', async () => {
    const hash = store.directory({ 'a/x': 'one', 'b.txt': '' })
    await commit({ 'data.dvc': store.out('data', hash), README: 'hi' })
    expect(await readAll()).toEqual({ README: 'hi', 'data/a/x': 'one', 'data/b.txt': '' })
  })

  it('reads branches, tags, and commits whether the host gives them by id or not', async () => {
    const first = await commit({ x: '1' })
    const second = await commit({ x: '2' }, 'topic/a')
    const gitdir = path.join(folder, 'reg.git')
    await git.annotatedTag({
      fs,
      gitdir,
      ref: 'v1',
      object: first,
      message: 'a',
      tagger: { name: 'A', email: 'a@example.org' },
    })
    for (const settings of [[], ['uploadpack.allowAnySHA1InWant=true']]) {
      server.settings = settings
      for (const [rev, expected] of [
        ['main', '1'],
        ['topic/a', '2'],
        ['v1', '1'],
        [second, '2'],
        [second.slice(0, 9), '2'],
        [undefined, '1'],
      ] as const) {
        expect(await readAll({ rev })).toEqual({ x: expected })
      }
    }
    for (const rev of ['nothing', 'f'.repeat(40), 'ffffff', '../x']) {
      await expect(readAll({ rev })).rejects.toMatchObject({ code: 'DSV_GIT_REVISION_NOT_FOUND' })
    }
  })

  it('does not ask again for a commit that its cache folder has', async () => {
    const id = await commit({ x: '1' })
    const cacheFolder = path.join(folder, 'cache')
    await readAll({ cacheFolder, rev: 'main' })
    const before = server.seen.length
    expect(await readAll({ cacheFolder, rev: id })).toEqual({ x: '1' })
    expect(server.seen.length).toBe(before)
    await commit({ x: '2' })
    expect(await readAll({ cacheFolder, rev: 'main' })).toEqual({ x: '2' })
  })

  it('sends the token to the host of the registry only', async () => {
    const expected = `Basic ${Buffer.from('x-access-token:secret').toString('base64')}`
    await commit({ x: '1' })
    const other = await serveGit(folder)
    try {
      server.answer = (request, response) => {
        if (request.headers.authorization === expected) return false
        response.writeHead(401).end()
        return true
      }
      await expect(readAll()).rejects.toMatchObject({ code: 'DSV_GIT_DENIED' })
      const withToken = { env: { ...env, DSV_GIT_TOKEN: 'secret' } }
      expect(await readAll(withToken)).toEqual({ x: '1' })

      server.answer = (request, response) => {
        response.writeHead(307, { location: `${other.url}${request.url}` }).end()
        return true
      }
      expect(await readAll(withToken)).toEqual({ x: '1' })
      expect(other.seen.length).toBeGreaterThan(1)
      expect(other.seen.filter((line) => line.includes('Basic'))).toEqual([])
    } finally {
      await other.close()
    }
  })

  it('keeps tokens from the remotes that a registry names', async () => {
    await commit({ 'x.dvc': store.out('x', store.object('1')) })
    const tokens = { DSV_GIT_TOKEN: 'secret', DSV_TOKEN: 'secret too' }
    expect(await readAll({ env: { ...env, ...tokens } })).toEqual({ x: '1' })
    const objects = server.seen.filter((line) => line.includes('/files/'))
    expect(objects.length).toBeGreaterThan(0)
    expect(objects.filter((line) => /secret|Bearer|Basic/.test(line))).toEqual([])
  })

  it('says what is wrong with an address', async () => {
    const opened = (address: string): Promise<DvcRegistry> => openDvcRegistry(address, { env })
    await expect(opened(`${server.url}/no.git`)).rejects.toMatchObject({
      code: 'DSV_GIT_NOT_FOUND',
    })
    for (const address of [
      'ssh://me@example.org/a.git',
      'me@example.org:a.git',
      'ext::sh -c true',
      'https://user:secret@example.org/a.git',
    ]) {
      const failure: unknown = await opened(address).catch((error: unknown) => error)
      expect(failure).toMatchObject({ name: 'DsvError' })
      expect(String(failure)).not.toContain('secret')
    }
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      return true
    }
    await expect(readAll()).rejects.toMatchObject({ code: 'DSV_GIT_FAILED' })
    server.answer = (request, response) => {
      response.writeHead(302, { location: request.url ?? '' }).end()
      return true
    }
    await expect(readAll()).rejects.toMatchObject({ code: 'DSV_GIT_FAILED' })
  })

  it('lets no registry from elsewhere name folders of this machine', async () => {
    const secret = writeRegistry(path.join(folder, 'secret'))
    const lock = await secret.commit({ password: 'hunter2' })
    const imported = (url: string): string =>
      `deps:\n- path: password\n  repo: {url: '${url}', rev_lock: ${lock}}\nouts:\n- path: p\n`
    for (const url of [secret.folder, `file://${secret.folder}`, '../secret']) {
      await commit({ 'p.dvc': imported(url) })
      await expect(readAll()).rejects.toMatchObject({ code: 'DSV_DVC_NOT_TRUSTED' })
    }
    const hash = secret.object('hunter2')
    for (const url of [secret.remote, `file://${secret.remote}`, '../../secret-remote']) {
      const config = `[core]\nremote = r\n['remote "r"']\nurl = ${url}\n[cache]\ndir = ${secret.remote}\n`
      await commit({ '.dvc/config': config, 'x.dvc': secret.out('x', hash) })
      await expect(readAll()).rejects.toMatchObject({ code: 'DSV_DVC_NOT_TRUSTED' })
    }
  })

  it('asks before it talks to what a registry names', async () => {
    const files = { 'x.dvc': store.out('x', store.object('1')) }
    await commit(files)
    const lock = await commit(files, 'kept')
    const asked: string[] = []
    const mayUse = (address: string): boolean => asked.push(address) < 0
    await expect(readAll({ mayUse })).rejects.toMatchObject({ code: 'DSV_DVC_NOT_TRUSTED' })
    const url = `${server.url}/reg.git`
    await commit({
      'y.dvc': `deps:\n- path: x\n  repo: {url: '${url}', rev_lock: ${lock}}\nouts:\n- path: y\n`,
    })
    await expect(readAll({ mayUse })).rejects.toMatchObject({ code: 'DSV_DVC_NOT_TRUSTED' })
    expect(asked).toEqual([`${server.url}/files`, url])
    expect(await readAll()).toEqual({ y: '1' })
  })
})
