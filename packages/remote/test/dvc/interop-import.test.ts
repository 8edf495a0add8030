import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { add, commit } from '@dsv/core'
import { dvcSource, exportRevision, importFrom, updateImports } from '@dsv/remote'
import { emptyRepository } from '../transfer/two-people.ts'
import { hasGit, serveGit } from './serve-git.ts'

/** Programs and servers that `scripts/remotes.sh` has installed and started. */
const {
  DSV_TEST_DVC: dvc3,
  DSV_TEST_DVC2: dvc2,
  DSV_TEST_S3_ENDPOINTS: s3Servers = '',
  DSV_TEST_SFTP: sftp,
  DSV_TEST_SFTP_HOME: sftpHome,
} = process.env
const describeWithDvc = dvc3 === undefined || !hasGit ? describe.skip : describe
const describeWithDvc2 = dvc2 === undefined ? describe.skip : describe
const describeWithS3 = s3Servers === '' ? describe.skip : describe
const describeWithSftp = sftp === undefined ? describe.skip : describe

/** Text with both line ends, no text, names that are hard to spell, a file of several pieces, an empty one. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'a.txt': 'hello\r\nthere\r\n',
  'b/ü 😀 "x".bin': Buffer.from([0, 1, 2, 13, 10, 255]),
  'b/c/unix.txt': 'hello\nthere\n',
  empty: '',
  large: Buffer.alloc(9 * 2 ** 20, 'large '),
}

/** SHA-256 by path. */
type Sums = Readonly<Record<string, string>>

type Remote = (store: string) => {
  readonly url: string
  /** Lines for `config.local`. */
  readonly secrets?: string
  /** What we know the remote as, where that is not what DVC wrote to. */
  readonly readAs?: string
}

describeWithDvc('DVC itself and what we make of it', () => {
  let folder: string
  let env: Record<string, string>
  const at = (...parts: string[]): string => path.join(folder, ...parts)
  const run = (program: string, cwd: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: at(cwd), env, encoding: 'utf8', stdio: 'pipe' })
  const git = (cwd: string, ...args: string[]): string => run('git', cwd, ...args)

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-import-'))
    fs.mkdirSync(at('home'))
    const settings = {
      'user.name': 'A',
      'user.email': 'a@example.org',
      'init.defaultBranch': 'main',
    }
    env = {
      PATH: process.env['PATH'] ?? '',
      HOME: at('home'),
      DVC_NO_ANALYTICS: '1',
      DVC_SITE_CACHE_DIR: at('site'),
      GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    }
    for (const [index, [key, value]] of Object.entries(settings).entries()) {
      env[`GIT_CONFIG_KEY_${index}`] = key
      env[`GIT_CONFIG_VALUE_${index}`] = value
    }
  })
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

  const write = (root: string, files: typeof FILES): void => {
    for (const [name, bytes] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(at(root, name)), { recursive: true })
      fs.writeFileSync(at(root, name), bytes)
    }
  }
  const sums = (root: string): Sums => {
    const names = fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()
    return Object.fromEntries(
      names
        .filter((name) => fs.statSync(path.join(root, name)).isFile())
        .map((name) => {
          const bytes = fs.readFileSync(path.join(root, name))
          return [name, createHash('sha256').update(bytes).digest('hex')]
        }),
    )
  }

  /**
   * DVC makes a registry and pushes it; without its cache and files we import it, and then an update on top of
   * an edit. Returns the sums of what we got and of what DVC had, twice each.
   */
  async function importsFrom(
    program: string,
    remote: Remote,
  ): Promise<{ readonly got: readonly Sums[]; readonly wanted: readonly Sums[] }> {
    const name = `registry-${randomUUID()}`
    const { url, secrets = '', readAs = url } = remote(at(`${name}-store`))
    const dvc = (...args: string[]): string => run(program, name, ...args)
    fs.mkdirSync(at(name))
    git(name, 'init', '-q')
    dvc('init', '-q')
    dvc('remote', 'add', '-q', '-d', 'store', url)
    fs.writeFileSync(at(name, '.dvc/config.local'), `['remote "store"']\n${secrets}`)
    const publish = (): void => {
      dvc('add', '-q', 'data')
      dvc('push', '-q')
      const config = fs.readFileSync(at(name, '.dvc/config'), 'utf8')
      fs.writeFileSync(at(name, '.dvc/config'), config.replace(/url = .*/, `url = ${readAs}`))
      git(name, 'add', '-A')
      git(name, 'commit', '-q', '-m', 'a')
      fs.writeFileSync(at(name, '.dvc/config'), config)
    }
    write(`${name}/data`, FILES)
    publish()
    const before = sums(at(name, 'data'))
    const { repository, close } = await emptyRepository()
    const hidden = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      fs.renameSync(at(name, '.dvc/cache'), at(`${name}-cache`))
      try {
        return await work()
      } finally {
        fs.renameSync(at(`${name}-cache`), at(name, '.dvc/cache'))
      }
    }
    const own = { ...env, ...(sftpHome !== undefined && { HOME: sftpHome }) }
    const open = (): ReturnType<typeof dvcSource> =>
      dvcSource(at(name), { env: { ...own, AWS_REGION: 'us-east-1' } })
    try {
      const request = { url: at(name), options: {}, from: 'data', to: 'in/data' }
      await hidden(async () => importFrom(repository, open(), request))
      const imported = sums(path.join(repository.folder, 'in/data'))
      await commit(repository, { message: 'import' })
      write(`${name}/data`, { 'a.txt': 'changed\r\n', 'd/new': 'new' })
      fs.rmSync(at(name, 'data/empty'))
      publish()
      fs.writeFileSync(path.join(repository.folder, 'in/data/b/c/unix.txt'), 'mine')
      await add(repository, { paths: [''] })
      await commit(repository, { message: 'mine' })
      await hidden(async () => updateImports(repository, { open: async () => open() }))
      const mine = createHash('sha256').update('mine').digest('hex')
      return {
        got: [imported, sums(path.join(repository.folder, 'in/data'))],
        wanted: [before, { ...sums(at(name, 'data')), 'b/c/unix.txt': mine }],
      }
    } finally {
      await close()
    }
  }

  it('imports from a folder that DVC 3 pushed to', async () => {
    const { got, wanted } = await importsFrom(dvc3 ?? '', (store) => ({ url: store }))
    expect(got).toEqual(wanted)
  }, 120_000)

  describeWithDvc2('with an older release', () => {
    it('imports from a folder that DVC 2 pushed to', async () => {
      const { got, wanted } = await importsFrom(dvc2 ?? '', (store) => ({ url: store }))
      expect(got).toEqual(wanted)
    }, 120_000)
  })

  it('imports over HTTP', async () => {
    const server = await serveGit(folder)
    try {
      const { got, wanted } = await importsFrom(dvc3 ?? '', (store) => {
        fs.symlinkSync(store, at('files'))
        return { url: store, readAs: `${server.url}/files` }
      })
      expect(got).toEqual(wanted)
    } finally {
      await server.close()
    }
  }, 120_000)

  describeWithS3('with servers of S3', () => {
    it('imports from S3', async () => {
      for (const server of s3Servers.split(',')) {
        const keys = [
          `access_key_id = ${process.env['AWS_ACCESS_KEY_ID']}`,
          `secret_access_key = ${process.env['AWS_SECRET_ACCESS_KEY']}`,
          `endpointurl = ${server.replace(/^[^=]*=/, '')}`,
        ]
        const { got, wanted } = await importsFrom(dvc3 ?? '', () => ({
          url: `s3://dsv-test/dvc-${randomUUID()}`,
          secrets: `${keys.join('\n')}\n`,
        }))
        expect(got).toEqual(wanted)
      }
    }, 240_000)
  })

  describeWithSftp('with a server of SFTP', () => {
    it('imports over SFTP', async () => {
      const { username, port, pathname } = new URL(sftp ?? '')
      const { got, wanted } = await importsFrom(dvc3 ?? '', () => {
        const inside = `${pathname}/dvc-${randomUUID()}`
        return { url: inside, readAs: `ssh://${username}@127.0.0.1:${port}${inside}` }
      })
      expect(got).toEqual(wanted)
    }, 120_000)
  })

  it('pulls the same bytes from what we export, and over what it pulled before', async () => {
    const { repository, close } = await emptyRepository()
    try {
      const inside = (...parts: string[]): string => path.join(repository.folder, ...parts)
      fs.mkdirSync(inside('data'))
      for (const [name, bytes] of Object.entries(FILES)) {
        fs.mkdirSync(path.dirname(inside('data', name)), { recursive: true })
        fs.writeFileSync(inside('data', name), bytes)
      }
      fs.writeFileSync(inside('README.md'), 'about\n')
      fs.writeFileSync(inside('tool'), Buffer.alloc(2 ** 20 + 1, 't'), { mode: 0o755 })
      const publish = async (message: string): Promise<void> => {
        await add(repository, { paths: [''] })
        await commit(repository, { message })
        const request = { revision: 'HEAD', output: at('out'), remote: at('out store'), env }
        await exportRevision(repository, { ...request, force: true })
        git('out', 'add', '-A')
        git('out', 'commit', '-q', '-m', message)
      }
      fs.mkdirSync(at('out'))
      git('out', 'init', '-q')
      await publish('first')
      git('.', 'clone', '-q', 'out', 'clone')
      const pull = (): void => {
        git('clone', 'pull', '-q')
        run(dvc3 ?? '', 'clone', 'pull', '-q')
        expect(sums(at('clone/data'))).toEqual(sums(inside('data')))
        expect(fs.readFileSync(at('clone/README.md'), 'utf8')).toBe('about\n')
        expect(fs.readFileSync(at('clone/tool'))).toEqual(fs.readFileSync(inside('tool')))
        expect(fs.statSync(at('clone/tool')).mode & 0o111).not.toBe(0)
        expect(JSON.parse(run(dvc3 ?? '', 'clone', 'status', '--json'))).toEqual({})
        expect(git('clone', 'status', '--short')).toBe('')
      }
      pull()
      fs.writeFileSync(inside('data/a.txt'), 'changed')
      fs.rmSync(inside('data/empty'))
      await publish('second')
      pull()
      run(dvc3 ?? '', '.', 'get', '-q', at('out'), 'data/b', '-o', 'got')
      expect(sums(at('got'))).toEqual(sums(inside('data/b')))
    } finally {
      await close()
    }
  }, 120_000)
})
