import {
  chmodSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { add, commit, isClean, restore, type Status } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { sampleDataset } from './sample-datasets.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

function changesIn({ unstaged, untracked }: Status): readonly string[] {
  return [...unstaged.map(({ path, change }) => `${change} ${path}`), ...untracked]
}

/** Waits until the stat cache trusts what was written before. */
async function waitUntilTrusted(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, 2_100)
  })
}

/** What a path can be; the name is that of a branch, too. */
const KINDS: readonly (readonly [kind: string, make: (workspace: Workspace) => void])[] = [
  ['a-file', ({ write }) => write('x', 'file')],
  ['a-link', ({ at }) => symlinkSync('target', at('x'))],
  ['an-empty-folder', ({ at }) => mkdirSync(at('x'))],
  ['a-folder', ({ write }) => write('x/inside', 'inside')],
  [
    'a-folder-with-a-link',
    ({ at, write }) => {
      mkdirSync(at('x'))
      symlinkSync('../target', at('x/inside'))
      write('x/other', 'o')
    },
  ],
]

describe('status', () => {
  it('sees an edit of the same size right after add, commit and status', async () => {
    await using workspace = await openWorkspace()
    for (let round = 0; round < 20; round++) {
      workspace.write('a.txt', `one ${round % 10}`)
      await workspace.save('one')
      workspace.write('a.txt', `two ${round % 10}`)
      expect(changesIn(await workspace.status())).toEqual(['modified a.txt'])
      workspace.write('a.txt', `ten ${round % 10}`)
      expect(changesIn(await workspace.status())).toEqual(['modified a.txt'])
    }
  })

  it('sees an edit of the same size whose mtime was set back, however old the file is', async () => {
    await using workspace = await openWorkspace()
    workspace.write('a.txt', 'one')
    workspace.write('b.txt', 'one')
    // Whole seconds, so that setting them back is exact.
    for (const file of ['a.txt', 'b.txt'])
      utimesSync(workspace.at(file), 1_000_000_000, 1_000_000_000)
    await waitUntilTrusted()
    await workspace.save('one')
    expect(isClean(await workspace.status())).toBe(true)
    const { atime, mtime } = lstatSync(workspace.at('a.txt'))
    workspace.write('a.txt', 'two')
    utimesSync(workspace.at('a.txt'), atime, mtime)
    expect(changesIn(await workspace.status())).toEqual(['modified a.txt'])

    // The same by renaming another file of that size and time over it.
    writeFileSync(workspace.at('c.txt'), 'two')
    const old = lstatSync(workspace.at('b.txt'))
    utimesSync(workspace.at('c.txt'), old.atime, old.mtime)
    renameSync(workspace.at('c.txt'), workspace.at('b.txt'))
    expect(changesIn(await workspace.status())).toEqual(['modified a.txt', 'modified b.txt'])
  })

  it('is not misled by a touch', async () => {
    await using workspace = await openWorkspace()
    workspace.write('a.txt', 'one')
    await workspace.save('one')
    for (const time of [0, 1_000_000_000, 4_000_000_000]) {
      utimesSync(workspace.at('a.txt'), time, time)
      expect(isClean(await workspace.status())).toBe(true)
    }
  })

  it('sees the executable bit come and go', async () => {
    await using workspace = await openWorkspace()
    workspace.write('run', '#!/bin/sh\n')
    await workspace.save('one')
    chmodSync(workspace.at('run'), 0o755)
    expect(changesIn(await workspace.status())).toEqual(['modified run'])
    await workspace.save('executable')
    expect(isClean(await workspace.status())).toBe(true)
    chmodSync(workspace.at('run'), 0o600)
    expect(changesIn(await workspace.status())).toEqual(['modified run'])
    await restore(workspace.repository, { paths: [''] })
    expect(workspace.tree()).toEqual({ run: 'executable #!/bin/sh\n' })
  })

  it.each(KINDS)(
    'sees when %s becomes something else, and a commit keeps it',
    async (_kind, first) => {
      await using workspace = await openWorkspace()
      workspace.write('target', 'target')
      first(workspace)
      await workspace.save('first')
      const tree = workspace.tree()
      for (const [kind, second] of KINDS) {
        if (first === second) continue
        await workspace.go(kind, true)
        rmSync(workspace.at('x'), { recursive: true })
        second(workspace)
        expect(changesIn(await workspace.status())).not.toEqual([])
        await workspace.save(kind)
        const other = workspace.tree()
        await workspace.go('main')
        expect(workspace.tree()).toEqual(tree)
        await workspace.go(kind)
        expect(workspace.tree()).toEqual(other)
        expect(isClean(await workspace.status())).toBe(true)
        await workspace.go('main')
      }
    },
  )

  it('is clean after a file was put into a tracked empty folder and added by name', async () => {
    await using workspace = await openWorkspace()
    mkdirSync(workspace.at('empty/deep'), { recursive: true })
    await workspace.save('empty')
    workspace.write('empty/deep/x', 'x')
    await add(workspace.repository, { paths: ['empty/deep/x'] })
    expect(changesIn(await workspace.status())).toEqual([])
    await commit(workspace.repository, { message: 'full' })
    const { stage } = (await workspace.repository.state()).work
    expect(stage.files.count).toBe(1)
  })

  it('says the same without its caches', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    for (const [file, content] of Object.entries(sampleDataset('yolo')))
      workspace.write(`data/${file}`, content)
    workspace.write('a', 'a')
    await add(repository, { paths: ['data'], format: 'yolo' })
    await workspace.save('one')
    workspace.write('a', 'b')
    workspace.write('data/labels/train/a b.txt', '1 0.5 0.5 0.1 0.1\n')
    workspace.write('new', 'n')
    const expected = await workspace.status()

    rmSync(workspace.at('.dsv/local/cache'), { recursive: true })
    expect(await workspace.status()).toEqual(expected)
    expect(await workspace.status()).toEqual(expected)
    writeFileSync(workspace.at('.dsv/local/cache/CURRENT'), 'rubbish')
    expect(await workspace.status()).toEqual(expected)
    rmSync(workspace.at('.dsv/local/cache'), { recursive: true })
    writeFileSync(workspace.at('.dsv/local/cache'), 'a file')
    expect(await workspace.status()).toEqual(expected)
    await workspace.save('two')
    await workspace.go('other', true)
    expect(isClean(await workspace.status())).toBe(true)
  })
})

describe('.dsvignore', () => {
  it('leaves untracked files alone and keeps tracked ones', async () => {
    await using workspace = await openWorkspace()
    workspace.write('tracked.log', 'one')
    workspace.write('logs/tracked', 'one')
    await workspace.save('before')
    workspace.write('.dsvignore', '\uFEFF*.log\nlogs/\n')
    workspace.write('new.log', 'x')
    workspace.write('new.LOG', 'other case')
    workspace.write('logs/new', 'x')
    expect(changesIn(await workspace.status())).toEqual(['.dsvignore', 'new.LOG'])

    workspace.write('tracked.log', 'two')
    workspace.write('logs/tracked', 'two')
    expect(changesIn(await workspace.status())).toEqual([
      'modified logs/tracked',
      'modified tracked.log',
      '.dsvignore',
      'new.LOG',
    ])
    await workspace.save('after')
    expect(isClean(await workspace.status())).toBe(true)
    await workspace.go('x', true)
    rmSync(workspace.at('logs/tracked'))
    expect(changesIn(await workspace.status())).toEqual(['deleted logs/tracked'])
    await restore(workspace.repository, { paths: ['logs/tracked'] })
    expect(workspace.read('logs/tracked')).toBe('two')
    expect(workspace.read('logs/new')).toBe('x')
  })

  it('is read as Git reads .gitignore: order, negation, anchors, folders', async () => {
    await using workspace = await openWorkspace()
    workspace.write(
      '.dsvignore',
      '*.tmp\n!keep.tmp\n/only-here\nbuild/\n!build/inside\n\\#x\na/**/z\n',
    )
    workspace.write('sub/.dsvignore', '!*.tmp\n/local\n')
    const ignored = ['x.tmp', 'only-here', 'build/inside', '#x', 'a/z', 'a/b/c/z', 'sub/local']
    const kept = ['keep.tmp', 'deep/only-here', 'sub/x.tmp', 'sub/deep/local', 'z']
    for (const file of [...ignored, ...kept]) workspace.write(file, 'x')
    await add(workspace.repository, { paths: [''], plain: true })
    const { staged } = await workspace.status()
    expect(staged.files.map(({ path }) => path).toSorted()).toEqual(
      ['.dsvignore', 'sub/.dsvignore', ...kept].toSorted(),
    )
    await expect(add(workspace.repository, { paths: ['x.tmp'] })).rejects.toMatchObject({
      code: 'DSV_PATH_IGNORED',
    })
  })
})
