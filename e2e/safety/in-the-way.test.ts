import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  add,
  commit,
  isClean,
  merge,
  movePath,
  removePaths,
  reset,
  resolve,
  restore,
  stashPush,
  status,
  switchTo,
  undo,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { treeOf } from './tree-of.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** A branch `other` beside `main`, which is checked out; each has the files that are given. */
async function twoBranches(
  main: Record<string, string>,
  other: Record<string, string>,
): Promise<Workspace> {
  const workspace = await openWorkspace()
  workspace.write('base.txt', 'base')
  await workspace.save('base')
  await workspace.go('other', true)
  for (const [file, content] of Object.entries(other)) workspace.write(file, content)
  await workspace.save('other')
  await workspace.go('main')
  for (const [file, content] of Object.entries(main)) workspace.write(file, content)
  await workspace.save('main')
  return workspace
}

/** Checks that a command fails with `code` and leaves the files, HEAD and stage as they are. */
async function expectRefused(
  workspace: Workspace,
  code: string,
  run: () => Promise<unknown>,
): Promise<void> {
  const before = { tree: workspace.tree(), state: await workspace.repository.state() }
  await expect(run()).rejects.toMatchObject({ code })
  expect({ tree: workspace.tree(), state: await workspace.repository.state() }).toEqual(before)
}

const WOULD_OVERWRITE = 'DSV_CHECKOUT_WOULD_OVERWRITE'

describe('what is not stored', () => {
  it('is not written over by a switch, a merge or a move', async () => {
    await using workspace = await twoBranches({ 'm.txt': 'm' }, { 'x.txt': 'theirs' })
    const { repository } = workspace
    workspace.write('x.txt', 'mine')

    await expectRefused(workspace, WOULD_OVERWRITE, async () => workspace.go('other'))
    await expectRefused(workspace, WOULD_OVERWRITE, async () =>
      merge(repository, { revision: 'other' }),
    )
    await expectRefused(workspace, WOULD_OVERWRITE, async () =>
      movePath(repository, { from: 'm.txt', to: 'x.txt' }),
    )
  })

  it('is not written over by a fast-forward', async () => {
    await using workspace = await twoBranches({}, { 'x.txt': 'theirs' })
    await reset(workspace.repository, { revision: 'HEAD~1' })
    workspace.write('x.txt', 'mine')

    await expectRefused(workspace, WOULD_OVERWRITE, async () =>
      merge(workspace.repository, { revision: 'other' }),
    )
  })

  it('is not written over because rules ignore it', async () => {
    await using workspace = await twoBranches({ '.dsvignore': '*.tmp\n' }, { 'x.tmp': 'theirs' })
    workspace.write('x.tmp', 'mine')

    await expectRefused(workspace, WOULD_OVERWRITE, async () => workspace.go('other'))
  })

  it('is not deleted with a tracked file that was changed', async () => {
    await using workspace = await twoBranches({ 'm.txt': 'm', 'dir/n.txt': 'n' }, {})
    const { repository } = workspace
    workspace.write('m.txt', 'edited')

    await expectRefused(workspace, WOULD_OVERWRITE, async () =>
      removePaths(repository, { paths: ['m.txt', 'dir'] }),
    )
    await expectRefused(workspace, WOULD_OVERWRITE, async () =>
      movePath(repository, { from: 'm.txt', to: 'z.txt' }),
    )
    await workspace.go('other')
    expect(workspace.read('m.txt')).toBe('edited')
  })

  it('stays in a folder whose tracked files go', async () => {
    await using workspace = await twoBranches({ 'dir/n.txt': 'n' }, {})
    workspace.write('dir/untracked.txt', 'mine')

    await workspace.go('other')

    expect(workspace.tree()).toEqual({
      'base.txt': 'file base',
      'dir/untracked.txt': 'file mine',
    })
  })

  it('blocks a folder that has to take its place', async () => {
    await using workspace = await twoBranches({}, { 'place/x.txt': 'theirs' })
    workspace.write('place', 'mine')

    await expectRefused(workspace, WOULD_OVERWRITE, async () => workspace.go('other'))
  })

  it('blocks a file that has to take the place of its folder', async () => {
    await using workspace = await twoBranches({ 'place/tracked': 't' }, { place: 'theirs' })
    workspace.write('place/untracked', 'mine')

    await expectRefused(workspace, WOULD_OVERWRITE, async () => workspace.go('other'))
  })

  it.each([
    ['a folder has to take its place', 'place/x.txt', 'place'],
    ['a file has to take the place of its folder', 'place', 'place/deep/x.txt'],
    ['a file has to take its place', 'place', 'place'],
  ])('is stored first when it goes by force because %s', async (_why, theirs, mine) => {
    await using workspace = await twoBranches({}, { [theirs]: 'theirs' })
    workspace.write(mine, 'mine')
    const tree = workspace.tree()

    await switchTo(workspace.repository, { target: 'other', force: true })
    expect(workspace.tree()).toEqual({ 'base.txt': 'file base', [theirs]: 'file theirs' })
    await undo(workspace.repository)

    expect(workspace.tree()).toEqual(tree)
  })

  it('is stored first when a switch drops local changes by force', async () => {
    await using workspace = await twoBranches({ 'm.txt': 'm' }, { 'x.txt': 'theirs' })
    workspace.write('base.txt', 'edited')
    workspace.write('m.txt', 'edited too')
    const tree = workspace.tree()

    await switchTo(workspace.repository, { target: 'other', force: true })
    expect(workspace.tree()).toEqual({ 'base.txt': 'file base', 'x.txt': 'file theirs' })
    await undo(workspace.repository)

    expect(workspace.tree()).toEqual(tree)
  })

  it('takes a folder and a file for each other when all of it is stored', async () => {
    await using workspace = await twoBranches({ 'place/a/b': 'm' }, { place: 'theirs' })
    const tree = workspace.tree()
    await workspace.go('other')
    expect(workspace.tree()).toEqual({ 'base.txt': 'file base', place: 'file theirs' })
    await workspace.go('main')
    expect(workspace.tree()).toEqual(tree)
  })

  it('comes back where a file took the place of a tracked folder', async () => {
    await using workspace = await twoBranches({ 'place/a/b': 'm' }, {})
    const tree = workspace.tree()
    workspace.remove('place')
    workspace.write('place', 'mine')
    const changed = workspace.tree()
    const { unstaged, untracked } = await workspace.status()
    expect({ unstaged, untracked }).toMatchObject({
      unstaged: [{ path: 'place/a/b', change: 'deleted' }],
      untracked: ['place'],
    })

    await reset(workspace.repository, { mode: 'hard' })
    expect(workspace.tree()).toEqual(tree)
    await undo(workspace.repository)
    expect(workspace.tree()).toEqual(changed)
  })
})

describe('a folder that was replaced by a link to somewhere else', () => {
  async function linkedAway(): Promise<Workspace> {
    const workspace = await twoBranches(
      { 'dir/a.txt': 'a', 'dir/sub/b.txt': 'b' },
      { 'dir/c.txt': 'c', 'dir/a.txt': 'changed' },
    )
    // The outside holds the same files, so that only the way to them differs.
    renameSync(workspace.at('dir'), path.join(workspace.outside, 'dir'))
    symlinkSync('../outside/dir', workspace.at('dir'))
    return workspace
  }

  it('is seen as deleted files and a new link', async () => {
    await using workspace = await linkedAway()
    const { unstaged, untracked } = await workspace.status()
    expect(unstaged.map(({ path: file, change }) => `${change} ${file}`)).toEqual([
      'deleted dir/a.txt',
      'deleted dir/sub/b.txt',
    ])
    expect(untracked).toEqual(['dir'])
  })

  it('is not written or deleted through', async () => {
    await using workspace = await linkedAway()
    const { repository, outside } = workspace
    const before = treeOf(outside)
    const attempts = [
      async () => workspace.go('other'),
      async () => switchTo(repository, { target: 'other', force: true }),
      async () => merge(repository, { revision: 'other' }),
      async () => removePaths(repository, { paths: ['dir'] }),
      async () => removePaths(repository, { paths: ['dir'], force: true }),
      async () => movePath(repository, { from: 'dir', to: 'moved' }),
      async () => restore(repository, { paths: ['dir'] }),
      async () => reset(repository, { revision: 'HEAD~1', mode: 'hard' }),
      async () => reset(repository, { mode: 'hard' }),
      async () => stashPush(repository),
    ]
    for (const attempt of attempts) {
      await attempt().catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^DSV_/) })
      })
      expect(treeOf(outside)).toEqual(before)
    }
  })

  it('is no way to add what lies outside', async () => {
    await using workspace = await linkedAway()
    const { repository, outside } = workspace
    writeFileSync(path.join(outside, 'dir/secret'), 'secret')
    await expectRefused(workspace, 'DSV_PATH_BEYOND_LINK', async () =>
      add(repository, { paths: ['dir/secret'] }),
    )
    await expectRefused(workspace, 'DSV_LINK_LEAVES_TREE', async () =>
      add(repository, { paths: [''] }),
    )
  })

  it('can be staged as a link where it points into the tree', async () => {
    await using workspace = await twoBranches({ 'dir/a.txt': 'a' }, {})
    renameSync(workspace.at('dir'), workspace.at('real'))
    symlinkSync('real', workspace.at('dir'))
    const tree = workspace.tree()
    await workspace.save('linked')
    expect(isClean(await workspace.status())).toBe(true)

    await workspace.go('other')
    await workspace.go('main')
    expect(workspace.tree()).toEqual(tree)
  })
})

describe('what no snapshot can hold', () => {
  it('refuses links that leave the tree, and keeps nothing of the add', async () => {
    for (const target of ['/etc/hostname', '../outside/x', 'a/../../outside', '.dsv/root']) {
      await using workspace = await openWorkspace()
      workspace.write('a.txt', 'a')
      symlinkSync(target, workspace.at('link'))
      await expectRefused(workspace, 'DSV_LINK_LEAVES_TREE', async () =>
        add(workspace.repository, { paths: [''] }),
      )
    }
  })

  it('leaves pipes and sockets alone and does not wait for them', async () => {
    await using workspace = await twoBranches({}, { 'pipe/x': 'theirs', 'p.txt': 'theirs' })
    mkdirSync(workspace.at('sub'))
    execFileSync('mkfifo', [
      workspace.at('pipe'),
      workspace.at('sub/.dsvignore'),
      workspace.at('sub/pipe'),
      workspace.at('p.txt'),
    ])
    await workspace.save('with pipes')
    expect(isClean(await workspace.status())).toBe(true)
    await expectRefused(workspace, WOULD_OVERWRITE, async () => workspace.go('other'))
    await expectRefused(workspace, WOULD_OVERWRITE, async () =>
      switchTo(workspace.repository, { target: 'other', force: true }),
    )
  })

  it('sees a pipe in the place of a tracked file as a change of type', async () => {
    await using workspace = await twoBranches({ 'm.txt': 'm' }, {})
    workspace.remove('m.txt')
    execFileSync('mkfifo', [workspace.at('m.txt')])
    const { unstaged } = await workspace.status()
    expect(unstaged).toMatchObject([{ path: 'm.txt', change: 'type' }])
    await restore(workspace.repository, { paths: ['m.txt'] }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: WOULD_OVERWRITE })
    })
  })

  it('refuses names that are not UTF-8, by name', async () => {
    await using workspace = await openWorkspace()
    writeFileSync(
      Buffer.concat([Buffer.from(workspace.at('bad-')), Buffer.from([0xff, 0xfe])]),
      'x',
    )
    await expect(add(workspace.repository, { paths: [''] })).rejects.toMatchObject({
      code: 'DSV_FILE_NAME_UNREADABLE',
    })
  })

  it.each(['back\\slash', 'aux.txt', '.GIT/config', 'x/.Dsv/root'])(
    'refuses the path %s',
    async (file) => {
      await using workspace = await openWorkspace()
      workspace.write(file, 'x')
      await expectRefused(workspace, 'DSV_PATH_UNSAFE', async () =>
        add(workspace.repository, { paths: [''] }),
      )
    },
  )

  it('refuses datasets within datasets', async () => {
    await using workspace = await openWorkspace()
    workspace.write('data/train/cat/a.png', 'a')
    workspace.write('data/inner/dog/b.png', 'b')
    const { repository } = workspace
    await add(repository, { paths: ['data'], format: 'image-folder' })
    for (const inside of ['data/inner', ''])
      await expectRefused(workspace, 'DSV_DATASET_NESTED', async () =>
        add(repository, { paths: [inside], format: 'image-folder' }),
      )
  })

  it('says so when a path is too long for the file system', async () => {
    await using workspace = await openWorkspace()
    const long = 'x'.repeat(300)
    await expect(add(workspace.repository, { paths: [long] })).rejects.toMatchObject({
      code: 'DSV_PATH_UNKNOWN',
    })
    const deep = Array.from({ length: 4 }, () => 'd'.repeat(200)).join('/')
    workspace.write(`${deep}/x`, 'deep')
    await workspace.save('deep')
    workspace.remove('d'.repeat(200))
    await restore(workspace.repository, { paths: [''] })
    expect(workspace.read(`${deep}/x`)).toBe('deep')
    await expectRefused(workspace, 'ENAMETOOLONG', async () =>
      movePath(workspace.repository, { from: 'd'.repeat(200), to: 'e'.repeat(256) }),
    )
    workspace.write(`${deep}/${'d'.repeat(200)}/y`, 'deeper')
    workspace.write(`${deep}/${'d'.repeat(200)}/${'d'.repeat(200)}/y`, 'deeper')
    await expectRefused(workspace, 'DSV_TREE_KEY_TOO_LONG', async () => workspace.save('deeper'))
    workspace.remove(`${deep}/${'d'.repeat(200)}`)
    expect(isClean(await workspace.status())).toBe(true)
  })
})

describe('names that differ only in case or normal form', () => {
  it('are different files', async () => {
    await using workspace = await twoBranches(
      { 'A.txt': 'upper', 'a.txt': 'lower', 'e\u0301': 'decomposed' },
      { 'a.TXT': 'other', '\u00e9': 'composed' },
    )
    const tree = workspace.tree()
    await workspace.go('other')
    expect(workspace.tree()).toEqual({
      'a.TXT': 'file other',
      'base.txt': 'file base',
      '\u00e9': 'file composed',
    })
    await workspace.go('main')
    expect(workspace.tree()).toEqual(tree)
    await movePath(workspace.repository, { from: 'A.txt', to: 'B.txt' })
    await movePath(workspace.repository, { from: 'a.txt', to: 'A.txt' })
    expect(readFileSync(workspace.at('A.txt'), 'utf8')).toBe('lower')
    await commit(workspace.repository, { message: 'renamed' })
    expect(isClean(await status(workspace.repository))).toBe(true)
    rmSync(workspace.at('A.txt'))
  })
})

describe('mv', () => {
  it('refuses to put a folder into itself', async () => {
    await using workspace = await twoBranches({ 'dir/a': 'a' }, {})
    for (const to of ['dir', 'dir/deeper', 'dir/a'])
      await expectRefused(workspace, 'DSV_DESTINATION_INSIDE', async () =>
        movePath(workspace.repository, { from: 'dir', to }),
      )
  })

  it('moves into an empty folder, tracked or not', async () => {
    await using workspace = await twoBranches({ a: 'a', b: 'b' }, {})
    mkdirSync(workspace.at('tracked'))
    await workspace.save('empty')
    mkdirSync(workspace.at('untracked'))
    await movePath(workspace.repository, { from: 'a', to: 'tracked' })
    await movePath(workspace.repository, { from: 'b', to: 'untracked' })
    expect(workspace.tree()).toEqual({
      'base.txt': 'file base',
      'tracked/a': 'file a',
      'untracked/b': 'file b',
    })
    const { unstaged, untracked } = await workspace.status()
    expect({ unstaged, untracked }).toEqual({ unstaged: [], untracked: [] })
  })
})

describe('a merge of a file and a folder of one name', () => {
  it.each([
    ['place', 'place/x'],
    ['place/x', 'place'],
  ])('conflicts between ours %s and theirs %s, and loses neither', async (ours, theirs) => {
    await using workspace = await twoBranches({ [ours]: 'ours' }, { [theirs]: 'theirs' })
    const { repository } = workspace
    const before = workspace.tree()
    const outcome = await merge(repository, { revision: 'other' })
    expect(outcome.type).toBe('conflicts')
    expect(workspace.tree()).toEqual(before)
    await resolve(repository, { choice: 'theirs' })
    expect(workspace.tree()).toEqual({ 'base.txt': 'file base', [theirs]: 'file theirs' })
    await commit(repository, { message: 'merged' })
    expect(isClean(await workspace.status())).toBe(true)
  })
})
