import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  add,
  commit,
  createTag,
  DsvError,
  isClean,
  movePath,
  removePaths,
  reset,
  restore,
  stashApply,
  stashPush,
  switchTo,
  undo,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Tree } from './tree-of.ts'
import { checkOutElsewhere, openWorkspace, type Workspace } from './workspace.ts'

/** Few paths, so that files, links and folders take each other's places. */
const PATHS = ['a', 'a/b', 'a/b/c', 'd/e', 'd/f', 'g']
const CONTENTS = ['', '1', '2', 'three']

type Action =
  | { readonly type: 'write'; readonly path: string; readonly content: string }
  | { readonly type: 'delete' | 'folder' | 'link' | 'executable'; readonly path: string }
  | { readonly type: 'add' | 'rm' | 'rm --cached' | 'restore' | 'unstage'; readonly path: string }
  | { readonly type: 'mv'; readonly path: string; readonly to: string }
  | { readonly type: 'commit' | 'commit -a' | 'stash' | 'pop' | 'undo' | 'reset hard' | 'tag' }
  | { readonly type: 'switch' | 'switch force'; readonly branch: string }

const anyPath = fc.constantFrom(...PATHS)
const branch = fc.constantFrom('one', 'two')
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      path: anyPath,
      content: fc.constantFrom(...CONTENTS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom('delete', 'folder', 'link', 'executable'),
      path: anyPath,
    }) as fc.Arbitrary<Action>,
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom('add', 'rm', 'rm --cached', 'restore', 'unstage'),
      path: fc.oneof(anyPath, fc.constant(''), fc.constant('d')),
    }) as fc.Arbitrary<Action>,
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('mv' as const), path: anyPath, to: anyPath }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom('commit', 'commit -a', 'stash', 'pop', 'undo', 'reset hard', 'tag'),
    }) as fc.Arbitrary<Action>,
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('switch', 'switch force'),
      branch,
    }) as fc.Arbitrary<Action>,
  },
)

/** Changes the disk as a user would; what is impossible does nothing. */
function changeDisk(workspace: Workspace, { type, path: file }: Action & { path: string }): void {
  const at = workspace.at(file)
  const stat = lstatSync(workspace.folder, { throwIfNoEntry: false })
  if (stat === undefined) return
  // The part of the way that is no folder goes.
  const parts = file.split('/')
  if (type !== 'delete')
    for (let count = 1; count < parts.length; count++) {
      const above = workspace.at(parts.slice(0, count).join('/'))
      const found = lstatSync(above, { throwIfNoEntry: false })
      if (found !== undefined && !found.isDirectory()) rmSync(above)
    }
  try {
    if (type !== 'executable') rmSync(at, { recursive: true, force: true })
  } catch {
    return
  }
  if (type === 'delete') return
  mkdirSync(path.dirname(at), { recursive: true })
  if (type === 'folder') mkdirSync(at, { recursive: true })
  else if (type === 'link') symlinkSync('nowhere', at)
  else if (type === 'executable') {
    const found = lstatSync(at, { throwIfNoEntry: false })
    if (found?.isFile() === true) chmodSync(at, (found.mode & 0o111) === 0 ? 0o755 : 0o644)
  }
}

async function runCommand(workspace: Workspace, action: Action, step: number): Promise<void> {
  const { repository } = workspace
  switch (action.type) {
    case 'add':
      await add(repository, { paths: [action.path], plain: true })
      return
    case 'rm':
      await removePaths(repository, { paths: [action.path] })
      return
    case 'rm --cached':
      await removePaths(repository, { paths: [action.path], cached: true })
      return
    case 'restore':
      await restore(repository, { paths: [action.path] })
      return
    case 'unstage':
      await restore(repository, { paths: [action.path], staged: true })
      return
    case 'mv':
      await movePath(repository, { from: action.path, to: action.to })
      return
    case 'commit':
      await commit(repository, { message: `step ${step}` })
      return
    case 'commit -a':
      await commit(repository, { message: `step ${step}`, all: true })
      return
    case 'stash':
      await stashPush(repository)
      return
    case 'pop':
      await stashApply(repository, { drop: true })
      return
    case 'undo':
      await undo(repository)
      return
    case 'reset hard':
      await reset(repository, { mode: 'hard' })
      return
    case 'tag':
      await createTag(repository, `t${step}`)
      return
    case 'switch':
    case 'switch force': {
      const force = action.type === 'switch force'
      const { refs } = await repository.state()
      const create = !refs.has(`refs/heads/${action.branch}`)
      await switchTo(repository, { target: action.branch, create, force: force && !create })
      return
    }
    case 'write':
    case 'delete':
    case 'folder':
    case 'link':
    case 'executable':
      throw new Error(`${action.type} is no command`)
  }
}

/** All that a command may change. Folders that are empty but not tracked hold nothing to lose. */
async function everything({ repository, ...workspace }: Workspace): Promise<object> {
  const files = Object.entries(workspace.tree()).filter(([, what]) => what !== 'empty folder')
  return { tree: Object.fromEntries(files), state: await repository.state() }
}

const DISK_ACTIONS = new Set(['write', 'delete', 'folder', 'link', 'executable'])

/** What the working tree held at every commit that was made while it was clean. */
type Known = Map<string, Tree>

async function checkStep(workspace: Workspace, known: Known): Promise<void> {
  const first = await workspace.status()
  // A second look, with and without caches, says the same.
  expect(await workspace.status()).toEqual(first)
  rmSync(workspace.at('.dsv/local/cache'), { recursive: true, force: true })
  expect(await workspace.status()).toEqual(first)
  const { headCommit } = await workspace.repository.state()
  if (headCommit === undefined || !isClean(first)) return
  const tree = workspace.tree()
  const before = known.get(headCommit)
  if (before !== undefined) expect(tree).toEqual(before)
  known.set(headCommit, tree)
}

describe('any sequence of edits and commands', () => {
  it('keeps every commit, status tells the truth, and undo brings back what was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { minLength: 5, maxLength: 25 }), async (actions) => {
        await using workspace = await openWorkspace()
        const { repository } = workspace
        workspace.write('base', 'base')
        await workspace.save('base')
        const known: Known = new Map()
        for (const [step, each] of actions.entries()) {
          if (DISK_ACTIONS.has(each.type) && 'path' in each) {
            if (each.type === 'write') {
              changeDisk(workspace, each)
              mkdirSync(path.dirname(workspace.at(each.path)), { recursive: true })
              writeFileSync(workspace.at(each.path), each.content)
            } else changeDisk(workspace, each)
            continue
          }
          const before = await everything(workspace)
          try {
            await runCommand(workspace, each, step)
          } catch (error) {
            if (!(error instanceof DsvError)) throw error
            // A command that is refused changes nothing.
            expect(await everything(workspace)).toEqual(before)
            continue
          }
          const after = await everything(workspace)
          await checkStep(workspace, known)
          if (isDeepStrictEqual(before, after) || each.type === 'undo') continue
          await undo(repository)
          expect(await everything(workspace)).toEqual(before)
          await undo(repository, await workspace.lastOperation())
          expect(await everything(workspace)).toEqual(after)
        }
        for (const [commitId, tree] of [...known].slice(-2))
          expect(await checkOutElsewhere(workspace, commitId)).toEqual(tree)
      }),
      { numRuns: Number(process.env['DSV_RUNS'] ?? 12) },
    )
  }, 300_000)
})
