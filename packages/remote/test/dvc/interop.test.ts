import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DvcLeftOut, exportDvc, openDvcRegistry } from '@dsv/remote'
import { readFiles } from './read-files.ts'

/** Names the program `dvc` (3.x) to compare with; `scripts/remotes/dvc.sh` installs one. */
const dvcProgram = process.env['DSV_TEST_DVC']
const describeWithDvc = dvcProgram === undefined ? describe.skip : describe

describeWithDvc('DVC itself', () => {
  let folder: string
  let env: Record<string, string>
  const at = (...parts: string[]): string => path.join(folder, ...parts)
  const run = (program: string, cwd: string, ...args: string[]): string =>
    execFileSync(program, args, {
      cwd: at(cwd),
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const dvc = (cwd: string, ...args: string[]): string => run(dvcProgram ?? '', cwd, ...args)
  const git = (cwd: string, ...args: string[]): string => run('git', cwd, ...args).trim()
  const commit = (cwd: string): string => {
    git(cwd, 'add', '-A')
    git(cwd, 'commit', '-q', '-m', 'a')
    return git(cwd, 'rev-parse', 'HEAD')
  }
  const write = (file: string, bytes: string | Uint8Array): void => {
    fs.mkdirSync(path.dirname(at(file)), { recursive: true })
    fs.writeFileSync(at(file), bytes)
  }
  const begin = (name: string): void => {
    fs.mkdirSync(at(name))
    git(name, 'init', '-q')
    dvc(name, 'init', '-q')
    dvc(name, 'remote', 'add', '-q', '-d', 'store', `../${name}-store`)
  }

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-interop-'))
    fs.mkdirSync(at('home'))
    env = {
      PATH: process.env['PATH'] ?? '',
      HOME: at('home'),
      DVC_NO_ANALYTICS: '1',
      DVC_SITE_CACHE_DIR: at('site'),
      GIT_CONFIG_COUNT: '4',
      GIT_CONFIG_KEY_0: 'user.name',
      GIT_CONFIG_VALUE_0: 'A',
      GIT_CONFIG_KEY_1: 'user.email',
      GIT_CONFIG_VALUE_1: 'a@example.org',
      GIT_CONFIG_KEY_2: 'init.defaultBranch',
      GIT_CONFIG_VALUE_2: 'main',
      GIT_CONFIG_KEY_3: 'protocol.file.allow',
      GIT_CONFIG_VALUE_3: 'always',
    }
    begin('registry')
    write('registry/data/a.txt', 'hello\r\nthere\r\n')
    write('registry/data/sub/Ümläut 😀 "x".bin', Buffer.from([0, 1, 2, 13, 10, 255]))
    write('registry/data/empty', '')
    write('registry/data/large', Buffer.alloc(9 * 2 ** 20, 'large '))
    write('registry/deep/er/one.bin', 'one')
    write('registry/README.md', 'about')
    write('registry/params.yaml', 'a: 1\nitems: [x, y]\n')
    dvc('registry', 'add', '-q', 'data', 'deep/er/one.bin')
    write(
      'registry/dvc.yaml',
      `stages:
  one:
    cmd: mkdir made bare && cp data/a.txt made/z && cp data/a.txt bare/z && echo 1 > m.json
    deps: [data]
    params: [a]
    outs:
    - made
    - bare:
        cache: false
    metrics:
    - m.json:
        cache: false
  each:
    foreach: \${items}
    do:
      cmd: printf \${item} > each-\${item}.txt
      outs:
      - each-\${item}.txt
`,
    )
    dvc('registry', 'repro')
    write('registry/.gitignore', `${fs.readFileSync(at('registry/.gitignore'), 'utf8')}/bare\n`)
    commit('registry')
    dvc('registry', 'push', '-q')
  }, 120_000)
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

  /** All files of a folder of this machine. */
  function readFolder(root: string): Record<string, string> {
    const files = fs.readdirSync(at(root), { recursive: true, encoding: 'utf8' })
    return Object.fromEntries(
      files
        .filter((file) => fs.statSync(at(root, file)).isFile())
        .map((file) => [file, fs.readFileSync(at(root, file), 'latin1')]),
    )
  }
  async function read(root: string, asked: string, rev?: string): Promise<Record<string, string>> {
    const registry = await openDvcRegistry(at(root), { rev, env })
    try {
      return await readFiles(registry, asked, { onLeftOut: () => {} })
    } finally {
      await registry.close()
    }
  }

  it('gets the same bytes as we do, from its cache and from its remote', async () => {
    fs.rmSync(at('registry/bare'), { recursive: true })
    dvc('registry', 'get', '-q', '.', 'data', '-o', '../got')
    const expected = readFolder('got')
    expect(await read('registry', 'data')).toEqual(expected)
    fs.renameSync(at('registry/.dvc/cache'), at('cache-away'))
    try {
      expect(await read('registry', 'data')).toEqual(expected)
      expect(await read('registry', 'deep/er/one.bin')).toEqual({ 'one.bin': 'one' })
      expect(await read('registry', 'made')).toEqual({ z: 'hello\r\nthere\r\n' })
    } finally {
      fs.renameSync(at('cache-away'), at('registry/.dvc/cache'))
    }
  })

  it('gets the same files of the whole registry', async () => {
    dvc('.', 'get', '-q', './registry', '.', '-o', 'whole')
    expect(await read('registry', '')).toEqual(readFolder('whole'))
  }, 60_000)

  it('leaves the recipe of what it does not store', async () => {
    const registry = await openDvcRegistry(at('registry'), { env })
    const leftOut: DvcLeftOut[] = []
    await readFiles(registry, '', { onLeftOut: (each) => leftOut.push(each) })
    expect(leftOut).toEqual([{ path: 'bare', reason: 'not-stored' }])
    expect(registry.outs().find((out) => out.path === 'bare')?.recipe).toMatchObject({
      stage: 'one',
      params: { 'params.yaml': { a: 1 } },
      deps: [{ path: 'data' }],
    })
    await registry.close()
  })

  it('imports what we follow to where it came from', async () => {
    begin('middle')
    dvc('middle', 'import', '-q', '../registry', 'data', '-o', 'copy')
    dvc('middle', 'import', '-q', '../registry', 'README.md')
    commit('middle')
    begin('last')
    dvc('last', 'import', '-q', '../middle', 'copy/sub', '-o', 'sub')
    dvc('last', 'import', '-q', '../registry', 'deep', '-o', 'deep')
    commit('last')
    for (const name of ['middle', 'last']) fs.rmSync(at(name, '.dvc/cache'), { recursive: true })
    expect(await read('middle', 'copy')).toEqual(readFolder('registry/data'))
    expect(await read('middle', 'README.md')).toEqual({ 'README.md': 'about' })
    expect(await read('last', 'sub')).toEqual(readFolder('registry/data/sub'))
    expect(await read('last', 'deep')).toMatchObject({ 'er/one.bin': 'one' })
  }, 120_000)

  it('keeps older revisions, packed and in a bare clone', async () => {
    const before = git('registry', 'rev-parse', 'HEAD')
    const data = readFolder('registry/data')
    git('registry', 'tag', '-a', 'v1', '-m', 'a')
    dvc('registry', 'unprotect', 'data')
    write('registry/data/a.txt', 'changed')
    fs.rmSync(at('registry/data/empty'))
    dvc('registry', 'add', '-q', 'data')
    commit('registry')
    dvc('registry', 'push', '-q')
    git('registry', 'gc', '-q')
    git('.', 'clone', '-q', '--bare', 'registry', 'bare.git')
    git('registry', 'worktree', 'add', '-q', '--detach', '../linked', 'v1')
    git('.', 'clone', '-q', '--shared', 'registry', 'borrowing')
    for (const [name, rev] of [
      ['registry', 'v1'],
      ['registry', before.slice(0, 10)],
      ['bare.git', 'v1'],
      ['linked', undefined],
      ['borrowing', 'v1'],
    ] as const) {
      expect(await read(name, 'data', rev)).toEqual(data)
    }
    expect(await read('bare.git', 'data')).toEqual(readFolder('registry/data'))
  }, 60_000)

  it('checks out what we export, from the cache and from a remote', async () => {
    const files = { 'b/ü.txt': 'ü\r\n', 'a 1': 'x', 'b.c': '', '\u007f😀': 'odd' }
    async function* exported(): AsyncGenerator<{
      path: string
      open(): AsyncIterable<Uint8Array>
    }> {
      for (const [name, bytes] of Object.entries(files)) {
        yield {
          path: name,
          async *open() {
            yield Buffer.from(bytes, 'latin1')
          },
        }
      }
    }
    fs.mkdirSync(at('out'))
    git('out', 'init', '-q')
    const written = await exportDvc(exported(), at('out'), { name: 'set' })
    dvc('out', 'checkout', '-q')
    expect(readFolder('out/set')).toEqual(files)
    expect(JSON.parse(dvc('out', 'status', '--json'))).toEqual({})
    dvc('out', 'unprotect', 'set')
    dvc('out', 'commit', '-f', '-q')
    expect(fs.readFileSync(at('out', written.pointer), 'utf8')).toContain(written.md5)

    fs.mkdirSync(at('shared'))
    git('shared', 'init', '-q')
    await exportDvc(exported(), at('shared'), { name: 'in/set', remote: at('shared store') })
    commit('shared')
    git('.', 'clone', '-q', 'shared', 'clone')
    dvc('clone', 'pull', '-q')
    expect(readFolder('clone/in/set')).toEqual(files)
    expect(await read('shared', 'in/set')).toEqual(files)
  }, 60_000)
})
