import { rmSync, symlinkSync } from 'node:fs'
import {
  abortMerge,
  add,
  cherryPick,
  commit,
  createBranch,
  createTag,
  deleteBranch,
  deleteTag,
  isClean,
  merge,
  movePath,
  removePaths,
  renameBranch,
  type RepositoryState,
  reset,
  resolve,
  restore,
  revert,
  stashApply,
  stashDrop,
  stashPush,
  switchTo,
  undo,
} from '@dsv/core'
import { readOperations } from '@dsv/store'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sampleDataset } from './sample-datasets.ts'
import type { Tree } from './tree-of.ts'
import { copyWorkspace, openWorkspace, type Workspace } from './workspace.ts'

/** All that a command may change. */
interface Everything {
  readonly tree: Tree
  readonly state: RepositoryState
}

async function everything(workspace: Workspace): Promise<Everything> {
  return { tree: workspace.tree(), state: await workspace.repository.state() }
}

/**
 * A repository with a VOC dataset and plain files, two branches that differ in files, boxes, types of
 * files and empty folders, and local changes that are staged or not.
 */
async function makeBusy(): Promise<Workspace> {
  const workspace = await openWorkspace()
  const { repository } = workspace
  for (const [file, content] of Object.entries(sampleDataset('voc')))
    workspace.write(`data/${file}`, content)
  workspace.write('base.txt', 'base')
  workspace.write('kept.txt', 'kept')
  workspace.write('folder/x', 'x')
  workspace.write('tool', '#!/bin/sh\n', 0o755)
  workspace.write('empty/gone', '')
  workspace.remove('empty/gone')
  await add(repository, { paths: ['data'], format: 'voc' })
  await workspace.save('base')
  await createBranch(repository, 'behind')

  await workspace.go('other', true)
  edit(workspace, 'data/Annotations/a b.xml', '<xmin>6<', '<xmin>7<')
  workspace.write('theirs.txt', 'theirs')
  workspace.remove('folder')
  workspace.write('folder', 'a file now')
  workspace.write('clash.txt', 'theirs')
  workspace.write('empty/full', 'full')
  await workspace.save('other')

  await workspace.go('main')
  edit(workspace, 'data/Annotations/größe.xml', '<ymax>10<', '<ymax>12<')
  workspace.write('ours.txt', 'ours')
  symlinkSync('ours.txt', workspace.at('link'))
  await workspace.save('main')
  await createBranch(repository, 'clean')

  await workspace.go('clashing', true)
  edit(workspace, 'data/Annotations/a b.xml', '<xmin>6<', '<xmin>8<')
  workspace.write('clash.txt', 'ours')
  await workspace.save('clashing')
  await workspace.go('main')
  return workspace
}

let template: Workspace

beforeAll(async () => {
  template = await makeBusy()
})

afterAll(async () => template[Symbol.asyncDispose]())

async function busyWorkspace(): Promise<Workspace> {
  return copyWorkspace(template)
}

function edit(workspace: Workspace, file: string, from: string, to: string): void {
  workspace.write(file, workspace.read(file).replace(from, to))
}

/** Local changes: one staged, one not, one deleted, one untracked. */
async function withChanges(workspace: Workspace): Promise<void> {
  workspace.write('kept.txt', 'staged')
  await add(workspace.repository, { paths: ['kept.txt'] })
  workspace.write('base.txt', 'not staged')
  workspace.write('untracked.txt', 'untracked')
  rmSync(workspace.at('tool'))
}

type Step = (workspace: Workspace) => Promise<unknown>

/** Each writing command, after what has to be done before it. */
const COMMANDS: readonly (readonly [name: string, before: Step, command: Step])[] = [
  ['add', withChanges, async ({ repository }) => add(repository, { paths: [''] })],
  [
    'add of a dataset',
    async (workspace) => {
      for (const [file, content] of Object.entries(sampleDataset('coco')))
        workspace.write(`new/${file}`, content)
    },
    async ({ repository }) => add(repository, { paths: ['new'], format: 'coco' }),
  ],
  ['commit', withChanges, async ({ repository }) => commit(repository, { message: 'x' })],
  [
    'commit -a',
    withChanges,
    async ({ repository }) => commit(repository, { message: 'x', all: true }),
  ],
  [
    'commit --amend',
    withChanges,
    async ({ repository }) => commit(repository, { message: 'x', amend: true }),
  ],
  ['rm', none, async ({ repository }) => removePaths(repository, { paths: ['data', 'link'] })],
  [
    'rm of an annotation file',
    none,
    async ({ repository }) => removePaths(repository, { paths: ['data/Annotations/a b.xml'] }),
  ],
  [
    'rm --cached',
    withChanges,
    async ({ repository }) => removePaths(repository, { paths: ['data'], cached: true }),
  ],
  [
    'rm --force',
    withChanges,
    async ({ repository }) => removePaths(repository, { paths: ['base.txt', 'tool'], force: true }),
  ],
  ['mv', none, async ({ repository }) => movePath(repository, { from: 'data', to: 'moved/here' })],
  ['mv of a file', none, async ({ repository }) => movePath(repository, { from: 'tool', to: 't' })],
  ['switch', none, async (workspace) => workspace.go('other')],
  ['switch with changes that go along', withChanges, async (workspace) => workspace.go('clashing')],
  [
    'switch --force',
    withChanges,
    async ({ repository }) => switchTo(repository, { target: 'other', force: true }),
  ],
  ['switch -c', withChanges, async (workspace) => workspace.go('new', true)],
  [
    'switch --detach',
    none,
    async ({ repository }) => switchTo(repository, { target: 'HEAD~1', detach: true }),
  ],
  [
    'merge that moves forward',
    async (workspace) => workspace.go('behind'),
    async ({ repository }) => merge(repository, { revision: 'other' }),
  ],
  ['merge', none, async ({ repository }) => merge(repository, { revision: 'other' })],
  [
    'merge --no-commit',
    none,
    async ({ repository }) => merge(repository, { revision: 'other', noCommit: true }),
  ],
  [
    'merge with conflicts',
    async (workspace) => workspace.go('clashing'),
    async ({ repository }) => merge(repository, { revision: 'other' }),
  ],
  ['resolve', conflicting, async ({ repository }) => resolve(repository, { choice: 'theirs' })],
  [
    'commit of a merge',
    async (workspace) => {
      await conflicting(workspace)
      await resolve(workspace.repository, { choice: 'theirs' })
    },
    async ({ repository }) => commit(repository, { message: 'merged' }),
  ],
  ['merge --abort', conflicting, async ({ repository }) => abortMerge(repository)],
  [
    'reset --soft',
    withChanges,
    async ({ repository }) => reset(repository, { revision: 'HEAD~1', mode: 'soft' }),
  ],
  [
    'reset --mixed',
    withChanges,
    async ({ repository }) => reset(repository, { revision: 'HEAD~1' }),
  ],
  [
    'reset --hard',
    withChanges,
    async ({ repository }) => reset(repository, { revision: 'HEAD~1', mode: 'hard' }),
  ],
  [
    'reset --hard to another branch',
    withChanges,
    async ({ repository }) => reset(repository, { revision: 'other', mode: 'hard' }),
  ],
  ['restore', withChanges, async ({ repository }) => restore(repository, { paths: [''] })],
  [
    'restore --staged',
    withChanges,
    async ({ repository }) => restore(repository, { paths: [''], staged: true }),
  ],
  [
    'restore --staged --worktree --source',
    withChanges,
    async ({ repository }) =>
      restore(repository, { paths: [''], staged: true, worktree: true, source: 'other' }),
  ],
  ['revert', none, async ({ repository }) => revert(repository, { revision: 'HEAD' })],
  ['cherry-pick', none, async ({ repository }) => cherryPick(repository, { revision: 'other' })],
  [
    'cherry-pick with conflicts',
    async (workspace) => workspace.go('clashing'),
    async ({ repository }) => cherryPick(repository, { revision: 'other' }),
  ],
  ['stash push', withChanges, async ({ repository }) => stashPush(repository)],
  ['stash pop', stashed, async ({ repository }) => stashApply(repository, { drop: true })],
  ['stash apply', stashed, async ({ repository }) => stashApply(repository)],
  ['stash drop', stashed, async ({ repository }) => stashDrop(repository)],
  ['branch', withChanges, async ({ repository }) => createBranch(repository, 'new')],
  [
    'branch --delete',
    none,
    async ({ repository }) => deleteBranch(repository, 'other', { force: true }),
  ],
  ['branch --move', withChanges, async ({ repository }) => renameBranch(repository, 'main', 'm')],
  ['tag', withChanges, async ({ repository }) => createTag(repository, 'v1', { message: 'first' })],
  [
    'tag --delete',
    async ({ repository }) => createTag(repository, 'v1'),
    async ({ repository }) => deleteTag(repository, 'v1'),
  ],
]

async function none(): Promise<void> {
  // Nothing has to be done before.
}

async function conflicting(workspace: Workspace): Promise<void> {
  await workspace.go('clashing')
  const { type } = await merge(workspace.repository, { revision: 'other' })
  expect(type).toBe('conflicts')
}

async function stashed(workspace: Workspace): Promise<void> {
  workspace.write('kept.txt', 'staged')
  await add(workspace.repository, { paths: ['kept.txt'] })
  workspace.write('base.txt', 'not staged')
  await stashPush(workspace.repository)
}

describe('undo', () => {
  it.each(COMMANDS)('takes back %s, and undoing that does it again', async (_name, before, run) => {
    await using workspace = await busyWorkspace()
    const { repository } = workspace
    await before(workspace)
    const [first] = [await everything(workspace)]
    const statusBefore = await workspace.status()
    await run(workspace)
    const done = await everything(workspace)
    const statusAfter = await workspace.status()
    expect(done).not.toEqual(first)

    await undo(repository)
    expect(await everything(workspace)).toEqual(first)
    expect(await workspace.status()).toEqual(statusBefore)

    await undo(repository, await workspace.lastOperation())
    expect(await everything(workspace)).toEqual(done)
    expect(await workspace.status()).toEqual(statusAfter)

    await undo(repository)
    expect(await everything(workspace)).toEqual(first)
  })

  it('goes back step by step to an empty repository and all the way forward again', async () => {
    await using workspace = await openWorkspace()
    const { repository } = workspace
    const seen: Everything[] = [await everything(workspace)]
    const steps: Step[] = [
      async () => {
        workspace.write('a', '1')
        await add(repository, { paths: ['a'] })
      },
      async () => commit(repository, { message: 'one' }),
      async () => switchTo(repository, { target: 'b', create: true }),
      async () => {
        workspace.write('a', '2')
        await commit(repository, { message: 'two', all: true })
      },
      async () => switchTo(repository, { target: 'main' }),
      async () => merge(repository, { revision: 'b' }),
      async () => removePaths(repository, { paths: ['a'] }),
    ]
    for (const step of steps) {
      await step(workspace)
      seen.push(await everything(workspace))
    }
    const undone: string[] = []
    for (const { state } of seen.slice(0, -1).toReversed()) {
      await undo(repository)
      undone.push(await workspace.lastOperation())
      expect(await repository.state()).toEqual(state)
    }
    for (const { state } of seen.slice(1)) {
      await undo(repository, undone.pop())
      expect(await repository.state()).toEqual(state)
    }
  })

  it('keeps a file that was edited after the command, and says so', async () => {
    await using workspace = await busyWorkspace()
    await workspace.go('other')
    workspace.write('theirs.txt', 'edited since')
    workspace.write('clash.txt', 'edited since')
    const before = await everything(workspace)

    const attempt = undo(workspace.repository)

    await attempt.catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'DSV_CHECKOUT_WOULD_OVERWRITE' })
    })
    expect(workspace.read('theirs.txt')).toBe('edited since')
    expect(workspace.read('clash.txt')).toBe('edited since')
    expect(before.tree['clash.txt']).toBe('file edited since')
  })

  it('is refused for an operation whose branch has moved on, and changes nothing', async () => {
    await using workspace = await busyWorkspace()
    const { repository } = workspace
    await workspace.go('other')
    const operation = await workspace.lastOperation()
    workspace.write('more.txt', 'more')
    await workspace.save('more')
    const before = await everything(workspace)

    await expect(undo(repository, operation)).rejects.toMatchObject({
      code: expect.stringMatching(/^DSV_UNDO_CONFLICT$/),
    })

    expect(await everything(workspace)).toEqual(before)
    expect(isClean(await workspace.status())).toBe(true)
    const operations = []
    for await (const each of readOperations(repository.store)) operations.push(each)
    expect(operations.length).toBeGreaterThan(5)
  })
})
