import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { hasGit, serveGit } from '../../remote/test/dvc/serve-git.ts'
import { writeGit } from '../../remote/test/dvc/write-git.ts'
import { md5, type TestRegistry, writeRegistry } from '../../remote/test/dvc/write-registry.ts'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { type VocObject, writeImage, writeStreet } from './street-dataset.ts'

type Files = Readonly<Record<string, string>>

let sandbox: Sandbox
let registry: TestRegistry
let source: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  source = openSandbox()
  writeStreet(source)
  registry = writeRegistry(path.join(path.dirname(sandbox.folder), 'registry'))
  await sandbox.dsv('init')
})
afterEach(() => {
  sandbox.close()
  source.close()
})

const folderOf = (inside: string): string => path.join(sandbox.folder, inside)

/** All files of a folder of this machine, by path. */
function filesOf(folder: string): Files {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => fs.statSync(path.join(folder, name)).isFile())
      .map((name): [string, string] => [name, fs.readFileSync(path.join(folder, name), 'latin1')])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

const streetFiles = (): Files => filesOf(path.join(source.folder, 'street'))

/** Commits what the source has as the output `data/street` of a registry, and a Git file. */
async function publish(files: Files = streetFiles(), release: 2 | 3 = 3): Promise<string> {
  const hash = registry.directory(files, release)
  return registry.commit({
    'data/street.dvc': registry.out('street', hash, release),
    'README.md': 'about\n',
  })
}

function relabel(id: string, objects: readonly VocObject[]): void {
  writeImage(source, id, objects)
}

async function ok(...argv: readonly string[]): Promise<string> {
  const { exitCode, out, note } = await sandbox.dsv(...argv)
  expect({ argv, exitCode, note }).toEqual({ argv, exitCode: 0, note: '' })
  return out
}

async function fails(...argv: readonly string[]): Promise<string> {
  const { exitCode, note } = await sandbox.dsv(...argv)
  expect({ argv, exitCode }).toEqual({ argv, exitCode: 1 })
  return note
}

describe('dsv import from DVC', () => {
  it.each([2, 3] as const)('reads a folder of DVC %d as add does', async (release) => {
    const commit = await publish(streetFiles(), release)
    expect(await ok('import', registry.folder, 'data/street')).toContain('11 files, 4 items')
    expect(filesOf(folderOf('street'))).toEqual(streetFiles())
    await ok('commit', '-m', 'import')
    expect(await ok('status')).toContain('working tree clean')
    await ok('fsck')
    expect(await sandbox.json('imports')).toEqual([
      {
        path: 'street',
        kind: 'dvc',
        url: registry.folder,
        options: {},
        from: 'data/street',
        commit,
      },
    ])
    expect(await ok('imports')).toContain('DVC')
    const imported = await sandbox.json('ls', 'street')
    await source.dsv('init')
    await source.dsv('add', 'street')
    await source.dsv('commit', '-m', 'add')
    expect(imported).toEqual(await source.json('ls', 'street'))
    const staged = async (box: Sandbox): Promise<unknown> =>
      JSON.parse(JSON.stringify(await box.json('show'))).datasets
    expect(await staged(sandbox)).toEqual(await staged(source))
    const roles = async (box: Sandbox): Promise<unknown> => box.json('ls', '--files', 'street')
    expect(await roles(sandbox)).toEqual(await roles(source))
  })

  it('takes a version, a file, and what a query chooses', async () => {
    const first = await publish()
    relabel('b', [['lorry', [2, 2, 9, 9]]])
    await publish()
    await ok('import', registry.folder, 'data/street', '--rev', first.slice(0, 8), '-o', 'old')
    await ok('import', registry.folder, 'README.md')
    expect(sandbox.read('README.md')).toBe('about\n')
    await ok('import', registry.folder, 'data/street', '--where', 'label = "lorry"')
    expect(await ok('ls', 'street')).toBe(
      'train/a  1 annotation\ntrain/b  1 annotation\nval/d  1 annotation\n',
    )
    expect(await ok('ls', 'old', '--where', 'label = "kitten"')).toContain('train/b')
    expect(fs.existsSync(folderOf('street/JPEGImages/c.jpg'))).toBe(false)
    await ok('commit', '-m', 'import')
    expect(await ok('status')).toContain('working tree clean')
  })

  it('takes folders for what the user says they are', async () => {
    await publish()
    await ok('import', registry.folder, 'data/street', '--format', 'voc')
    expect((await sandbox.json('imports')) as unknown[]).toMatchObject([{ format: 'voc' }])
    expect(
      await fails('import', registry.folder, 'data/street', '--format', 'vok', '-o', 'x'),
    ).toContain('DSV_FORMAT_UNKNOWN')
    expect(await fails('import', registry.folder, 'data/street')).toContain('DSV_IMPORT_EXISTS')
    const where = ['--where', 'label = "x"', '-o', 'x']
    expect(await fails('import', registry.folder, 'README.md', ...where)).toContain(
      'DSV_IMPORT_SELECTION_INVALID',
    )
    expect(fs.existsSync(folderOf('x'))).toBe(false)
  })

  it('says what is wrong in one sentence, and imports nothing', async () => {
    const object = registry.object('content')
    const broken = registry.object('broken')
    fs.writeFileSync(
      path.join(registry.remote, 'files/md5', broken.slice(0, 2), broken.slice(2)),
      'no',
    )
    await registry.commit({
      'lost.dvc': registry.out('lost', md5('never pushed')),
      'broken.dvc': registry.out('broken', broken),
      'far.dvc': registry.out('far', object, 3, '  remote: far\n'),
      'dvc.yaml':
        'stages:\n  train:\n    cmd: python train.py\n    deps: [data]\n    outs:\n    - model:\n        cache: false\n',
      '.dvc/config': `[core]\nremote = store\n['remote "store"']\nurl = ${registry.remote}\n['remote "far"']\nurl = gdrive://abc\n`,
    })
    const expected: Readonly<Record<string, readonly string[]>> = {
      lost: ['error: lost (md5 <id>) is not in', 'dvc push', 'DSV_DVC_OBJECT_MISSING'],
      broken: ['error: broken in', 'is damaged', 'DSV_DVC_OBJECT_CORRUPT'],
      far: ['error: Remote far', 'gdrive', 'DSV_DVC_NOT_SUPPORTED'],
      model: [
        'error: model is not stored there; it is made by "python train.py"',
        '--allow-run',
        'DSV_COMMAND_NOT_ALLOWED',
      ],
      nothing: ['has no path "nothing"', 'dsv ls', 'DSV_DVC_PATH_NOT_FOUND'],
      '../x': ['DSV_PATH_UNSAFE'],
    }
    for (const [asked, parts] of Object.entries(expected)) {
      const note = await fails('import', registry.folder, asked, '-o', 'here')
      for (const part of parts) expect(note).toContain(part)
      expect(note.split('\n').filter((line) => line.startsWith('error:'))).toHaveLength(1)
      const got = await fails('get', registry.folder, asked, '-o', 'here')
      // What nobody stores is made for an import, which can remember that.
      const isAlike = got === note
      expect({ asked, isAlike }).toEqual({ asked, isAlike: asked !== 'model' })
      expect(fs.existsSync(folderOf('here'))).toBe(false)
    }
    expect(await fails('import', registry.folder, 'lost', '--rev', 'v9')).toContain(
      'DSV_GIT_REVISION_NOT_FOUND',
    )
    const option = ['--option', 'endpoint=x']
    expect(await fails('import', registry.folder, 'lost', ...option)).toContain(
      'DSV_REMOTE_OPTION_INVALID',
    )
    expect(await ok('status')).toContain('No commits yet')
    expect(await ok('imports')).toBe('')
  })

  it('warns of what a folder lacks', async () => {
    await registry.commit({
      'a/file.dvc': registry.out('file', registry.object('1')),
      'a/link': { link: 'file' },
      'a/dvc.yaml': 'stages:\n  s:\n    cmd: x\n    outs:\n    - made:\n        cache: false\n',
    })
    const { exitCode, note } = await sandbox.dsv('import', registry.folder, 'a')
    expect({ exitCode, note: note.split('\n') }).toMatchObject({
      exitCode: 0,
      note: [
        expect.stringContaining('left out a/link'),
        expect.stringContaining('left out a/made: it is stored neither'),
        '',
      ],
    })
    expect(filesOf(folderOf('a'))).toEqual({ file: '1' })
  })

  it('finds out what is at an address', async () => {
    if (!hasGit) return
    const server = await serveGit(path.dirname(registry.folder))
    try {
      await publish()
      fs.renameSync(
        path.join(registry.folder, '.git'),
        path.join(path.dirname(registry.folder), 'bare'),
      )
      const { exitCode, out } = await sandbox.dsv('get', `${server.url}/bare`, 'README.md')
      expect({ exitCode, out }).toEqual({ exitCode: 0, out: 'Got 1 file as README.md\n' })
      expect(await ok('ls', '../bare', '--files', 'README.md')).toBe('README.md\n')
      expect(await fails('get', `${server.url}/none`, 'x')).toContain('DSV_REPOSITORY_NOT_FOUND')
    } finally {
      await server.close()
    }
  })
})

describe('dsv update from DVC', () => {
  it('merges what is new there with edits here, needing nothing that is here already', async () => {
    await publish()
    await ok('import', registry.folder, 'data/street')
    await ok('commit', '-m', 'import')
    expect(await ok('update')).toBe('street is up to date\n')
    const edited = sandbox.read('street/Annotations/a.xml').replace('walker', 'kitten')
    sandbox.write('street/Annotations/a.xml', edited)
    await ok('commit', '-a', '-m', 'mine')
    relabel('d', [['walker', [5, 5, 20, 20]]])
    const { 'JPEGImages/c.jpg': _, 'Annotations/c.xml': __, ...others } = streetFiles()
    const files = { ...others, 'ImageSets/Main/train.txt': 'a\nb\n' }
    await publish(files)
    // Media of the version before are not fetched again.
    for (const id of ['a', 'b', 'd']) {
      const hash = md5(`pixels of ${id}`)
      fs.rmSync(path.join(registry.remote, 'files/md5', hash.slice(0, 2), hash.slice(2)))
    }
    expect(await ok('update', '--dry-run')).toContain('can go to')
    expect(await ok('update')).toContain('street is at')
    expect(sandbox.read('street/Annotations/d.xml')).toContain('walker')
    expect(sandbox.read('street/Annotations/a.xml')).toContain('kitten')
    expect(fs.existsSync(folderOf('street/JPEGImages/c.jpg'))).toBe(false)
    await ok('commit', '-m', 'update')
    expect(await ok('status')).toContain('working tree clean')
    expect(await ok('update')).toBe('street is up to date\n')
  })

  it('keeps uids over several versions', async () => {
    const uid = async (): Promise<string | undefined> =>
      /"uid":"([^"]+)"/.exec(
        JSON.stringify(await sandbox.json('ls', 'street', '--subset', 'val')),
      )?.[1]
    await publish()
    await ok('import', registry.folder, 'data/street')
    const first = await uid()
    expect(first).toMatch(/^[0-9a-f]{16}$/)
    for (const right of [21, 22]) {
      relabel('d', [['lorry', [5, 5, right, 20]]])
      await publish()
      await ok('commit', '-m', `before ${right}`)
      await ok('update')
      expect(sandbox.read('street/Annotations/d.xml')).toContain(`<xmax>${right}</xmax>`)
      expect(await uid()).toBe(first)
    }
  })

  it('leaves conflicts to the user', async () => {
    await publish()
    await ok('import', registry.folder, 'data/street', '-o', 'data')
    await ok('commit', '-m', 'import')
    const edited = sandbox.read('data/Annotations/d.xml').replace('lorry', 'kitten')
    sandbox.write('data/Annotations/d.xml', edited)
    await ok('commit', '-a', '-m', 'mine')
    relabel('d', [['walker', [5, 5, 20, 20]]])
    await publish()
    const { exitCode, out } = await sandbox.dsv('update')
    expect({ exitCode, out }).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('1 conflict'),
    })
    await ok('resolve', '--theirs', '--all')
    await ok('commit', '-m', 'theirs')
    expect(sandbox.read('data/Annotations/d.xml')).toContain('walker')
  })
})

describe('dsv ls and get of DVC', () => {
  it('lists outputs, files and items', async () => {
    await publish()
    expect(await ok('ls', registry.folder)).toBe('data/street/\n')
    expect(await ok('ls', registry.folder, 'data', '-n', '2')).toBe(
      'data/street/Annotations/a.xml\ndata/street/Annotations/b.xml\n',
    )
    expect(await ok('ls', registry.folder, '--files')).toContain('README.md\n')
    expect(await ok('ls', registry.folder, 'data/street', '--where', 'label = "kitten"')).toBe(
      'train/b  1 annotation\n',
    )
    expect(await ok('ls', registry.folder, 'data/street', '--count')).toBe('4\n')
    expect(await sandbox.json('ls', registry.folder)).toMatchObject([
      { path: 'data/street', isFolder: true, hash: 'md5', isCached: true },
    ])
    expect(await sandbox.json('ls', registry.folder, 'README.md')).toEqual([{ path: 'README.md' }])
  })

  it('gets files as they are, or a dataset in another format', async () => {
    await publish()
    expect(await ok('get', registry.folder, 'data/street')).toBe('Got 11 files as street\n')
    expect(filesOf(folderOf('street'))).toEqual(streetFiles())
    expect(await fails('get', registry.folder, 'data/street')).toContain('DSV_OUTPUT_NOT_EMPTY')
    const { exitCode } = await sandbox.dsv(
      'get',
      registry.folder,
      'data/street',
      '--format',
      'coco',
      '-o',
      'coco',
    )
    expect(exitCode).toBe(0)
    expect(await ok('detect', 'coco')).toContain('coco')
    expect((await sandbox.dsv('get', registry.folder, '.')).exitCode).toBe(2)
  })

  it('leaves nothing of what failed', async () => {
    await publish()
    const hash = md5('pixels of b')
    fs.rmSync(path.join(registry.remote, 'files/md5', hash.slice(0, 2), hash.slice(2)))
    expect(await fails('get', registry.folder, 'data/street')).toContain('DSV_DVC_OBJECT_MISSING')
    expect(fs.existsSync(folderOf('street'))).toBe(false)
    expect(await fails('import', registry.folder, 'data/street')).toContain(
      'street/JPEGImages/b.jpg',
    )
    expect(fs.existsSync(folderOf('street'))).toBe(false)
  })
})

describe('dsv export-dvc', () => {
  beforeEach(async () => {
    for (const [name, content] of Object.entries(streetFiles()))
      sandbox.write(`data/street/${name}`, content)
    sandbox.write('notes/a.txt', 'a\r\n')
    sandbox.write('README.md', 'about\n')
    await ok('add', 'data/street', 'notes', 'README.md')
    await ok('commit', '-m', 'first')
  })

  const exported = (): Promise<Files> => commitFolder('../out')

  /** Commits an exported folder with Git, as its user would; returns the files that Git has. */
  async function commitFolder(folder: string): Promise<Files> {
    const all = filesOf(folderOf(folder))
    const files = Object.fromEntries(
      Object.entries(all).filter(([name]) => !/^(?:\.git|\.dvc\/cache)\//.test(name)),
    )
    await writeGit(path.join(folderOf(folder), '.git'), files)
    return files
  }

  it.each([[], ['--remote', '../store']])(
    'gives back the same bytes (%s %s)',
    async (...remote) => {
      expect(await ok('export-dvc', '-o', '../out', ...remote)).toBe(
        [
          'Wrote data/street.dvc: 11 files, 828 bytes',
          'Wrote notes.dvc: 1 file, 3 bytes',
          'Wrote 1 file for Git.',
          `Commit ../out with Git; \`dvc ${remote.length === 0 ? 'checkout' : 'pull'}\` gets the data.`,
          '',
        ]
          .join('\n')
          .replace('828 bytes', bytesOf(streetFiles())),
      )
      expect(Object.keys(await exported())).toEqual([
        '.dvc/.gitignore',
        '.dvc/config',
        '.gitignore',
        'README.md',
        'data/.gitignore',
        'data/street.dvc',
        'notes.dvc',
      ])
      await ok('get', '../out', 'data/street', '-o', '../back')
      expect(filesOf(folderOf('../back'))).toEqual(streetFiles())
      await ok('get', '../out', 'notes/a.txt', '-o', '../a.txt')
      expect(sandbox.read('../a.txt')).toBe('a\r\n')
    },
  )

  it('replaces nothing without being told, and with it only what it wrote', async () => {
    await ok('export-dvc', '-o', '../out')
    const before = filesOf(folderOf('../out'))
    await ok('export-dvc', '-o', '../out')
    expect(filesOf(folderOf('../out'))).toEqual(before)
    sandbox.write('data/street/Annotations/new.txt', 'more')
    sandbox.write('README.md', 'more\n')
    await ok('commit', '-a', '-m', 'second')
    await ok('add', '.')
    await ok('commit', '-m', 'third')
    expect(await fails('export-dvc', '-o', '../out')).toContain('DSV_DVC_EXPORT_BLOCKED')
    await ok('export-dvc', '-o', '../out', '--force')
    await exported()
    await ok('get', '../out', 'data/street', '-o', '../back')
    expect(sandbox.read('../back/Annotations/new.txt')).toBe('more')
    expect(sandbox.read('../out/README.md')).toBe('more\n')
    await ok('export-dvc', 'HEAD~2', '-o', '../out', '--force')
    expect(sandbox.read('../out/data/street.dvc')).toBe(before['data/street.dvc'])
  })

  it('takes paths, a folder or a file, each as an output', async () => {
    await ok('export-dvc', '-o', '../out', '--path', 'data', '--path', 'README.md')
    const files = await exported()
    expect(Object.keys(files).filter((name) => name.endsWith('.dvc'))).toEqual([
      'README.md.dvc',
      'data.dvc',
    ])
    await ok('get', '../out', 'README.md', '-o', '../readme')
    expect(sandbox.read('../readme')).toBe('about\n')
    await ok('get', '../out', 'data/street', '-o', '../back')
    expect(filesOf(folderOf('../back'))).toEqual(streetFiles())
    expect(await fails('export-dvc', '-o', '../other', '--path', 'nothing')).toContain(
      'DSV_DVC_EXPORT_EMPTY',
    )
    expect(fs.existsSync(folderOf('../other'))).toBe(false)
  })

  it('says what DVC has no place for, and refuses the repository itself', async () => {
    fs.symlinkSync('a.txt', folderOf('notes/link'))
    sandbox.write('dvc.yaml', 'stages: {}\n')
    await ok('add', '.')
    await ok('commit', '-m', 'second')
    const { exitCode, note } = await sandbox.dsv('export-dvc', '-o', '../out')
    expect({ exitCode, note }).toEqual({
      exitCode: 0,
      note: 'warning: left out dvc.yaml: DVC or Git has a use of its own for this name\nwarning: left out notes/link: DVC has no links\n',
    })
    for (const output of ['.', '.dsv/x']) {
      expect((await sandbox.dsv('export-dvc', '-o', output)).exitCode).toBe(2)
    }
    expect((await sandbox.dsv('export-dvc', '-o', '../x', '--remote', 's3://b')).exitCode).toBe(2)
    expect(await fails('export-dvc', 'v9', '-o', '../x')).toContain('DSV_REVISION_UNKNOWN')
  })

  it('writes to the cache that the folder has', async () => {
    sandbox.write('../out/.dvc/config', '[cache]\n    dir = ../../cache\n')
    await ok('export-dvc', '-o', '../out')
    expect(fs.existsSync(folderOf('../cache/files/md5'))).toBe(true)
    await exported()
    await ok('get', '../out', 'notes', '-o', '../back')
    expect(sandbox.read('../back/a.txt')).toBe('a\r\n')
  })
})

function bytesOf(files: Files): string {
  const size = Object.values(files).reduce((sum, text) => sum + text.length, 0)
  return size < 1000 ? `${size} bytes` : `${(size / 1000).toFixed(1)} KB`
}
