import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type DvcLeftOut, type DvcRegistry, openDvcRegistry } from '@dsv/remote'
import { readFiles } from './read-files.ts'
import { writeGit } from './write-git.ts'
import { md5, type TestRegistry, writeRegistry } from './write-registry.ts'

let folder: string
let registry: TestRegistry

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dsv-dvc-'))
  registry = writeRegistry(path.join(folder, 'registry'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** No config of the user who runs the tests may count. */
const env = { DVC_GLOBAL_CONFIG_DIR: '/nowhere' }

async function open(rev?: string): Promise<DvcRegistry> {
  return openDvcRegistry(registry.folder, { rev, env, cacheFolder: path.join(folder, 'cache') })
}

async function read(asked: string): Promise<Readonly<Record<string, string>>> {
  return readFiles(await open(), asked)
}

describe('openDvcRegistry', () => {
  it('reads a file and a directory of DVC 3', async () => {
    const hash = registry.directory({ 'a/x': 'one', y: '' })
    await registry.commit({
      'data.dvc': registry.out('data', hash),
      'sub/m.bin.dvc': registry.out('m.bin', registry.object('model')),
    })
    expect(await read('data')).toEqual({ 'a/x': 'one', y: '' })
    expect(await read('sub/m.bin')).toEqual({ 'm.bin': 'model' })
    expect(await read('')).toEqual({ 'data/a/x': 'one', 'data/y': '', 'sub/m.bin': 'model' })
  })

  it('resolves paths in a directory', async () => {
    const hash = registry.directory({ 'a/b/x': '1', 'a/b/y': '2', 'a/bc': '3' })
    await registry.commit({ 'data.dvc': registry.out('data', hash) })
    expect(await read('./data/a/b/')).toEqual({ x: '1', y: '2' })
    expect(await read('data/a/b/y')).toEqual({ y: '2' })
    for (const missing of ['data/a/c', 'other', 'data/a/bc/d']) {
      await expect(read(missing)).rejects.toMatchObject({ code: 'DSV_DVC_PATH_NOT_FOUND' })
    }
  })

  it('reads what DVC 2 wrote, whose hashes ignore Windows line ends of text', async () => {
    const hash = registry.directory({ 'a.txt': 'a\r\nb\r\n', 'b.bin': 'a\r\n\0' }, 2)
    await registry.commit({ 'data.dvc': registry.out('data', hash, 2) })
    expect(await read('data')).toEqual({ 'a.txt': 'a\r\nb\r\n', 'b.bin': 'a\r\n\0' })
  })

  it('finds objects in the layout of the other release', async () => {
    const inOld = registry.directory({ x: 'old' }, 2)
    const inNew = registry.directory({ x: 'new' }, 3)
    await registry.commit({
      'a.dvc': registry.out('a', inOld, 3),
      'b.dvc': registry.out('b', inNew, 2),
    })
    expect(await read('')).toEqual({ 'a/x': 'old', 'b/x': 'new' })
  })

  it('takes files of Git beside outputs, without what belongs to DVC', async () => {
    await registry.commit({
      'd/README.md': 'about',
      'd/x.dvc': registry.out('x', registry.object('x')),
      'd/link': { link: '/etc/passwd' },
      'd/module': { submodule: '1'.repeat(40) },
    })
    const leftOut: DvcLeftOut[] = []
    const files = await readFiles(await open(), 'd', { onLeftOut: (each) => leftOut.push(each) })
    expect(files).toEqual({ 'README.md': 'about', x: 'x' })
    expect(leftOut).toEqual([
      { path: 'd/link', reason: 'symlink' },
      { path: 'd/module', reason: 'submodule' },
    ])
    await expect(read('d/link')).rejects.toMatchObject({ code: 'DSV_DVC_NOT_SUPPORTED' })
  })

  it('leaves alone what .dvcignore says, as DVC does', async () => {
    await registry.commit({
      '.dvcignore': 'tests\n*.tmp\n',
      'a/tests/broken.dvc': 'broken: [',
      'a/tests/y.txt': '1',
      'a/z.tmp': '2',
      'b/.dvcignore': '!z.tmp\n',
      'b/z.tmp': '3',
      'b/keep.dvc': registry.out('keep', registry.object('4')),
    })
    expect(await read('')).toEqual({ 'b/keep': '4', 'b/z.tmp': '3' })
  })

  it('reads other branches, tags and commits, and says which commit it is', async () => {
    const first = await registry.commit({ 'x.dvc': registry.out('x', registry.object('1')) })
    await registry.commit({ 'x.dvc': registry.out('x', registry.object('2')) }, 'topic')
    for (const rev of [undefined, 'HEAD', 'main', first, first.slice(0, 8)]) {
      const opened = await open(rev)
      expect(opened.commitId).toBe(first)
      expect(await readFiles(opened, 'x')).toEqual({ x: '1' })
    }
    expect(await readFiles(await open('topic'), 'x')).toEqual({ x: '2' })
    for (const rev of ['nothing', '../HEAD', '-x', 'a b', 'abcd', 'f'.repeat(40), '']) {
      await expect(open(rev)).rejects.toMatchObject({ code: 'DSV_GIT_REVISION_NOT_FOUND' })
    }
  })

  it('takes the hashes of a pipeline from dvc.lock, in both its forms', async () => {
    const [a, b] = [registry.object('A'), registry.object('B')]
    const yaml = `stages:
  one: {cmd: make a, outs: [out/a]}
  each: {foreach: [x, y], do: {cmd: make b, outs: ['b-\${item}': {remote: store}], metrics: ['m-\${item}.json': {cache: false}]}}
`
    const stages = (indent: string): string =>
      `one:
  cmd: make a
  outs: [{path: out/a, md5: ${a}, hash: md5}, {path: gone, md5: ${a}, hash: md5}]
each@x:
  cmd: make b
  outs: [{path: b-x, md5: ${b}, hash: md5}, {path: m-x.json, md5: ${b}, hash: md5}]
left: {cmd: '', outs: [{path: old, md5: ${a}}]}
`.replaceAll(/^(?=.)/gm, indent)
    for (const lock of [`schema: '2.0'\nstages:\n${stages('  ')}`, stages('')]) {
      await registry.commit({
        'p/dvc.yaml': yaml,
        'p/dvc.lock': lock,
        'p/m-x.json': 'in Git',
      })
      const opened = await open()
      expect(opened.outs().map((out) => [out.path, out.stage, out.isCached])).toEqual([
        ['p/b-x', 'each@x', true],
        ['p/m-x.json', 'each@x', false],
        ['p/out/a', 'one', true],
      ])
      expect(await readFiles(opened, 'p')).toEqual({
        'b-x': 'B',
        'm-x.json': 'in Git',
        'out/a': 'A',
        'dvc.lock': lock,
      })
    }
  })

  it('explains an output that is stored nowhere', async () => {
    await registry.commit({
      'v/dvc.yaml': `stages:
  frames: {cmd: [get, cut], wdir: w, deps: [movie.mkv], params: [fps], outs: [frames: {cache: false}]}
`,
      'v/dvc.lock': `schema: '2.0'
stages:
  frames:
    cmd: [get, cut]
    deps: [{path: movie.mkv, hash: md5, md5: ${md5('m')}, size: 1}]
    params: {params.yaml: {fps: 12.5, on: true}}
    outs: [{path: frames, hash: md5, md5: ${md5('f')}.dir, size: 1, nfiles: 1}]
`,
      'v/w/readme': 'hello',
    })
    await expect(read('v/w/frames')).rejects.toMatchObject({
      code: 'DSV_DVC_OUTPUT_NOT_STORED',
      details: {
        path: 'v/w/frames',
        recipe: {
          stage: 'frames',
          definedIn: 'v/dvc.yaml',
          folder: 'v/w',
          command: ['get', 'cut'],
          deps: [{ path: 'v/w/movie.mkv', md5: md5('m') }],
          params: { 'params.yaml': { fps: 12.5, on: true } },
          recordedMd5: `${md5('f')}.dir`,
        },
      },
    })
    await expect(read('v')).rejects.toMatchObject({ code: 'DSV_DVC_OUTPUT_NOT_STORED' })
    const leftOut: DvcLeftOut[] = []
    const files = await readFiles(await open(), 'v', { onLeftOut: (each) => leftOut.push(each) })
    expect(Object.keys(files)).toEqual(['dvc.lock', 'w/readme'])
    expect(leftOut).toEqual([{ path: 'v/w/frames', reason: 'not-stored' }])
  })

  it('follows imports from registry to registry', async () => {
    const second = writeRegistry(path.join(folder, 'second'))
    const first = writeRegistry(path.join(folder, 'first'))
    const hash = first.directory({ 'a/x': '1', y: '2' })
    const lock = await first.commit({ 'data.dvc': first.out('data', hash) })
    const middle = await second.commit({
      'copy.dvc': `${importLines('../first', 'data', lock)}${second.out('copy', hash)}`,
    })
    await registry.commit({
      'again.dvc': `${importLines(second.folder, 'copy', middle)}${registry.out('again', hash)}`,
      'late.dvc': `${importLines('../second', 'copy/a', middle)}outs:\n- path: late\n`,
    })
    expect(await read('')).toEqual({ 'again/a/x': '1', 'again/y': '2', 'late/x': '1' })
    expect(await read('again/a/x')).toEqual({ x: '1' })
    expect((await open()).outs()[0]?.imported).toMatchObject({ path: 'copy', revLock: middle })
  })

  it('refuses an import whose registry gives something else', async () => {
    const first = writeRegistry(path.join(folder, 'first'))
    const lock = await first.commit({
      'data.dvc': first.out('data', first.directory({ x: '1' })),
      'x.dvc': first.out('x', first.object('1')),
      y: 'in Git',
    })
    const other = registry.directory({ x: '2' })
    await registry.commit({
      'data.dvc': importLines('../first', 'data', lock) + registry.out('data', other),
      'x.dvc': importLines('../first', 'x', lock) + registry.out('x', md5('2')),
      'y.dvc': importLines('../first', 'y', lock) + registry.out('y', md5('in Git')),
      'z.dvc': importLines('../first', 'y', lock) + registry.out('z', md5('other')),
    })
    for (const asked of ['data', 'x', 'z']) {
      await expect(read(asked)).rejects.toMatchObject({ code: 'DSV_DVC_OBJECT_CORRUPT' })
    }
    expect(await read('y')).toEqual({ y: 'in Git' })
  })

  it('takes an import from the cache when its registry cannot be reached', async () => {
    const hash = registry.directory({ x: '1' })
    const pointer = importLines('../gone', 'data', '1'.repeat(40)) + registry.out('data', hash)
    await registry.commit({ '.dvc/config': '', 'data.dvc': pointer })
    await expect(read('data')).rejects.toMatchObject({ code: 'DSV_GIT_NOT_FOUND' })
    fs.mkdirSync(path.join(registry.folder, '.dvc'))
    fs.renameSync(registry.remote, path.join(registry.folder, '.dvc', 'cache'))
    expect(await read('data')).toEqual({ x: '1' })
    await expect(read('data/x/y')).rejects.toMatchObject({ code: 'DSV_DVC_PATH_NOT_FOUND' })
  })

  it('gives up on imports that go in a circle', async () => {
    // An id cannot be known before it is written, so the circle goes through a branch.
    await registry.commit({ 'x.dvc': `${importLines('.', 'x', 'main')}outs:\n- path: x\n` })
    await expect(read('x')).rejects.toMatchObject({ code: 'DSV_DVC_NOT_SUPPORTED' })
  })

  it('finds remotes by output, by redirection, and in the config of the user', async () => {
    const names = ['one', 'two', 'three'] as const
    const config = `[core]
    remote = two
['remote "docs/one"']
    url = ../stores/one   # beside the working tree
[ 'remote "Base"' ]
    url = "../stores"
["remote \\"two\\""]
    url = ignored
['remote "two"']
    url = remote://base/two
`
    fs.mkdirSync(path.join(folder, 'user'))
    fs.writeFileSync(
      path.join(folder, 'user', 'config'),
      `['remote "three"']\nurl = ../stores/three\n`,
    )
    for (const name of names) {
      const store = writeRegistry(path.join(folder, name))
      store.object(name)
      fs.mkdirSync(path.join(registry.folder, 'stores'), { recursive: true })
      fs.renameSync(store.remote, path.join(registry.folder, 'stores', name))
      fs.cpSync(path.join(registry.folder, 'stores', name), path.join(folder, 'stores', name), {
        recursive: true,
      })
    }
    await registry.commit({
      '.dvc/config': config,
      'one.dvc': registry.out('one', md5('one'), 3, '  remote: docs/one\n'),
      'two.dvc': registry.out('two', md5('two')),
      'three.dvc': registry.out('three', md5('three'), 3, '  remote: Three\n'),
    })
    const opened = await openDvcRegistry(registry.folder, {
      env: { DVC_GLOBAL_CONFIG_DIR: path.join(folder, 'user') },
    })
    expect(await readFiles(opened, '')).toEqual({ one: 'one', two: 'two', three: 'three' })
    await opened.close()
  })

  it('reads the cache of a registry on this machine', async () => {
    const cache = path.join(registry.folder, '.dvc', 'cache')
    const hash = registry.directory({ x: 'only cached' })
    await registry.commit({ '.dvc/config': '', 'data.dvc': registry.out('data', hash) })
    await expect(read('data')).rejects.toMatchObject({ code: 'DSV_DVC_OBJECT_MISSING' })
    fs.mkdirSync(path.dirname(cache), { recursive: true })
    fs.renameSync(registry.remote, cache)
    expect(await read('data')).toEqual({ x: 'only cached' })
  })

  it('reads a bare repository and one that borrows objects', async () => {
    await registry.commit({ 'x.dvc': registry.out('x', registry.object('1')) })
    const bare = await openDvcRegistry(path.join(registry.folder, '.git'), { env })
    expect(await readFiles(bare, 'x')).toEqual({ x: '1' })
    const borrowing = path.join(folder, 'borrowing')
    await writeGit(borrowing, {})
    const commit = bare.commitId
    fs.writeFileSync(path.join(borrowing, 'refs', 'heads', 'main'), `${commit}\n`)
    fs.mkdirSync(path.join(borrowing, 'objects', 'info'), { recursive: true })
    const objects = path.join(registry.folder, '.git', 'objects')
    fs.writeFileSync(path.join(borrowing, 'objects', 'info', 'alternates'), `${objects}\n`)
    expect(await readFiles(await openDvcRegistry(borrowing, { env }), 'x')).toEqual({ x: '1' })
    await expect(openDvcRegistry(folder, { env })).rejects.toMatchObject({
      code: 'DSV_GIT_NOT_FOUND',
    })
  })

  it('finds the files of a remote that versions them itself, while they are there', async () => {
    const plain = path.join(registry.remote, 'data', 'a')
    fs.mkdirSync(plain, { recursive: true })
    fs.writeFileSync(path.join(plain, 'x'), 'now')
    const files = `  files:
  - {relpath: a/x, md5: ${md5('now')}, size: 3, cloud: {store: {etag: e, version_id: v}}}
  - {relpath: y, md5: ${md5('then')}, size: 4, cloud: {store: {etag: f, version_id: w}}}
`
    await registry.commit({ 'data.dvc': `outs:\n- path: data\n  hash: md5\n${files}` })
    expect(await read('data/a')).toEqual({ x: 'now' })
    await expect(read('data/y')).rejects.toMatchObject({ code: 'DSV_DVC_OBJECT_MISSING' })
  })

  it('reads registries in folders of a repository, each with its own config', async () => {
    const hash = registry.object('inner')
    await registry.commit({
      '.dvc/config': '',
      'part/.dvc/config': `[core]\nremote = r\n['remote "r"']\nurl = ${registry.remote}\n`,
      'part/x.dvc': registry.out('x', hash),
    })
    expect(await read('part')).toEqual({ x: 'inner' })
  })
})

function importLines(url: string, at: string, lock: string): string {
  return `frozen: true\ndeps:\n- path: ${at}\n  repo: {url: ${url}, rev_lock: ${lock}}\n`
}
