import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { add, commit, type Environment, Repository, status, type Status, switchTo } from '@dsv/core'
import { builtInFormats } from '@dsv/formats'
import { readOperations } from '@dsv/store'
import { type Tree, treeOf } from './tree-of.ts'

/** A repository in a temporary folder, with a second folder outside of it. */
export interface Workspace extends AsyncDisposable {
  readonly repository: Repository
  readonly folder: string
  /** A folder that no command may touch. */
  readonly outside: string
  at(inside: string): string
  write(inside: string, content: string | Uint8Array, mode?: number): void
  read(inside: string): string
  has(inside: string): boolean
  remove(inside: string): void
  tree(): Tree
  status(): Promise<Status>
  /** Stages everything and commits. */
  save(message: string): Promise<string>
  go(branch: string, create?: boolean): Promise<void>
  /** The id of the newest operation. */
  lastOperation(): Promise<string>
}

/** Returns an environment with a clock that moves on by a minute at each look. */
export function testEnvironment(changes: Partial<Environment> = {}): Environment {
  let seconds = 1_700_000_000
  return {
    formats: builtInFormats,
    now: () => ({ seconds: (seconds += 60), offsetMinutes: 0 }),
    user: { name: 'Ada', email: 'ada@example.org' },
    host: 'test-host',
    command: 'dsv test',
    link: 'copy',
    signal: new AbortController().signal,
    onProgress: () => {},
    workerUrl: undefined,
    ...changes,
  }
}

/** Makes a repository that is deleted when the test is done. */
export async function openWorkspace(changes: Partial<Environment> = {}): Promise<Workspace> {
  const base = newBase()
  mkdirSync(path.join(base, 'work'))
  mkdirSync(path.join(base, 'outside'))
  return workspaceIn(base, await Repository.init(path.join(base, 'work'), testEnvironment(changes)))
}

/** Returns a workspace that begins as another one is now. */
export async function copyWorkspace(original: Workspace): Promise<Workspace> {
  const base = newBase()
  cpSync(path.dirname(original.folder), base, { recursive: true, verbatimSymlinks: true })
  return workspaceIn(base, await Repository.open(path.join(base, 'work'), testEnvironment()))
}

function newBase(): string {
  return mkdtempSync(path.join(tmpdir(), 'dsv-safety-'))
}

function workspaceIn(base: string, repository: Repository): Workspace {
  const [folder, outside] = [path.join(base, 'work'), path.join(base, 'outside')]
  const at = (inside: string): string => path.join(folder, inside)
  return {
    repository,
    folder,
    outside,
    at,
    write: (inside, content, mode) => {
      mkdirSync(path.dirname(at(inside)), { recursive: true })
      writeFileSync(at(inside), content)
      if (mode !== undefined) chmodSync(at(inside), mode)
    },
    read: (inside) => readFileSync(at(inside), 'utf8'),
    has: (inside) => existsSync(at(inside)),
    remove: (inside) => rmSync(at(inside), { recursive: true }),
    tree: () => treeOf(folder),
    status: async () => status(repository),
    save: async (message) => {
      await add(repository, { paths: [''], plain: true })
      const { commitId } = await commit(repository, { message, allowEmpty: true })
      return commitId
    },
    go: async (branch, create = false) => {
      await switchTo(repository, { target: branch, create })
    },
    lastOperation: async () => {
      for await (const operation of readOperations(repository.store)) return operation.id
      throw new Error('Nothing was done yet.')
    },
    [Symbol.asyncDispose]: async () => {
      await repository.close()
      rmSync(base, { recursive: true, force: true })
    },
  }
}

/** Makes another repository whose files are a commit of the first, taken over its stored bytes. */
export async function checkOutElsewhere(workspace: Workspace, target: string): Promise<Tree> {
  const copy = path.join(path.dirname(workspace.folder), `copy-${Math.random()}`)
  mkdirSync(copy)
  cpSync(workspace.at('.dsv'), path.join(copy, '.dsv'), { recursive: true })
  const repository = await Repository.open(copy, workspace.repository.environment)
  try {
    await switchTo(repository, { target, detach: true, force: true })
    return treeOf(copy)
  } finally {
    await repository.close()
    rmSync(copy, { recursive: true, force: true })
  }
}
