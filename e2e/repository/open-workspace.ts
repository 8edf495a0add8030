import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { add, commit, type Environment, Repository, switchTo } from '@dsv/core'
import { builtInFormats } from '@dsv/formats'

/** A repository in a temporary folder, as a program that uses the library would open it. */
export interface Workspace {
  readonly repository: Repository
  readonly folder: string
  /** Writes a file; undefined deletes it. */
  put(file: string, content: string | Uint8Array | undefined): Promise<void>
  /** The text of a file; undefined when it is not there. */
  text(file: string): Promise<string | undefined>
  /** All files but those of the repository, by path, as base64. */
  files(): Promise<Readonly<Record<string, string>>>
  /** Stages everything and commits it. */
  save(message: string): Promise<string>
  /** Goes to a branch; makes it when `isNew`. */
  go(branch: string, isNew?: boolean): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Returns an environment whose clock goes on by a minute with every look at it. */
export function testEnvironment(): Environment {
  let seconds = Date.UTC(2024, 0, 1) / 1000
  return {
    formats: builtInFormats,
    now: () => ({ seconds: (seconds += 60), offsetMinutes: 60 }),
    user: { name: 'Ada', email: 'ada@example.com' },
    host: 'test',
    command: 'test',
    link: 'copy',
    signal: new AbortController().signal,
    onProgress: () => {},
    workerUrl: undefined,
  }
}

/** Opens a repository in a new temporary folder, which goes when it is disposed of. */
export async function openWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dsv-e2e-'))
  const repository = await Repository.init(folder, testEnvironment())
  return {
    repository,
    folder,
    put: async (file, content) => put(path.join(folder, file), content),
    text: async (file) => textOf(path.join(folder, file)),
    files: async () => filesBelow(folder),
    save: async (message) => {
      await add(repository, { paths: [''] })
      return (await commit(repository, { message })).commitId
    },
    go: async (target, isNew = false) =>
      void (await switchTo(repository, { target, create: isNew })),
    [Symbol.asyncDispose]: async () => {
      await repository.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function put(file: string, content: string | Uint8Array | undefined): Promise<void> {
  if (content === undefined) return rm(file, { recursive: true, force: true })
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, content)
}

async function textOf(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() === true ? readFile(file, 'utf8') : undefined
}

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const full = path.join(entry.parentPath, entry.name)
    const inside = path.relative(folder, full).replaceAll('\\', '/')
    if (entry.isFile() && !inside.startsWith('.dsv/'))
      files[inside] = (await readFile(full)).toString('base64')
  }
  return Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
