import { cpSync, existsSync, rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Repository, type RepositoryState, status } from '@dsv/core'
import { checkStore } from '@dsv/store'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'
import { type Tree, treeOf } from './tree-of.ts'
import { testEnvironment } from './workspace.ts'

const FILES = 80

/** Commands that write the repository or the working tree, and are killed at any moment. */
const COMMANDS: readonly (readonly string[])[] = [
  ['switch', 'other'],
  ['switch', '--force', 'other'],
  ['reset', '--hard', 'other'],
  ['merge', 'other'],
  ['stash'],
  ['restore', '.'],
  ['rm', '--force', 'many'],
  ['mv', 'many', 'moved'],
  ['add', '.'],
  ['commit', '-am', 'local'],
  ['undo'],
]

/** What has to be done before a command. */
const PREPARATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['merge', ['commit', '-m', 'staged']],
  ['undo', ['switch', '--force', 'other']],
])

/** What a command may change. */
interface Everything {
  readonly tree: Tree
  readonly stage: RepositoryState['work']['stage']
  readonly head: RepositoryState['head']
  readonly headCommit: RepositoryState['headCommit']
}

/** A repository with two branches that differ in many files, and with local changes. */
async function makeTemplate(): Promise<Sandbox> {
  const sandbox = openSandbox()
  const content = (name: string, at: number): string =>
    `${name} ${at}\n`.repeat(1 + ((at * 7919) % 4_000))
  await sandbox.dsv('init')
  for (let at = 0; at < FILES; at++) sandbox.write(`many/${at % 7}/${at}`, content('main', at))
  sandbox.write('local.txt', 'committed')
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'main')
  await sandbox.dsv('switch', '-c', 'other')
  for (let at = 0; at < FILES; at += 2) sandbox.write(`many/${at % 7}/${at}`, content('other', at))
  rmSync(sandbox.at('many/3'), { recursive: true })
  sandbox.write('many/3', 'a file')
  sandbox.write('new/deep/er', 'new')
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'other')
  await sandbox.dsv('switch', 'main')
  sandbox.write('local.txt', 'edited')
  sandbox.write('staged.txt', 'staged')
  await sandbox.dsv('add', 'staged.txt')
  sandbox.write('untracked.txt', 'untracked')
  return sandbox
}

async function everything(sandbox: Sandbox): Promise<Everything> {
  const repository = await Repository.open(sandbox.at(''), testEnvironment())
  try {
    // What was killed is taken back by the first command after it.
    await status(repository)
    const { work, head, headCommit } = await repository.state()
    return { tree: treeOf(sandbox.at('')), stage: work.stage, head, headCommit }
  } finally {
    await repository.close()
  }
}

function copyOf(template: Sandbox): Sandbox {
  const sandbox = openSandbox()
  rmSync(sandbox.at(''), { recursive: true })
  cpSync(template.at(''), sandbox.at(''), { recursive: true, verbatimSymlinks: true })
  return sandbox
}

/** Runs a command and sends it a signal `delayMs` after it began, or after it began to move files. */
async function runAndStop(
  sandbox: Sandbox,
  args: readonly string[],
  { delayMs, moving, signal }: { delayMs: number; moving: boolean; signal: NodeJS.Signals },
): Promise<boolean> {
  const { process: child, done } = sandbox.start(args)
  const journal = sandbox.at('.dsv/local/checkout.json')
  if (moving) while (child.exitCode === null && !existsSync(journal)) await setTimeout(1)
  await setTimeout(delayMs)
  child.kill(signal)
  const { exitCode } = await done
  return exitCode === 0
}

let template: Sandbox

beforeAll(async () => {
  template = await makeTemplate()
})

afterAll(() => template[Symbol.dispose]())

describe.each(COMMANDS.map((args) => [args.join(' '), args] as const))('dsv %s', (_name, args) => {
  it('leaves what was or what it would have made, whenever it is killed or interrupted', async () => {
    using ready = copyOf(template)
    const preparation = PREPARATIONS.get(args[0] ?? '')
    if (preparation !== undefined) await ready.dsv(...preparation)
    const before = await everything(ready)
    using whole = copyOf(ready)
    const startMs = performance.now()
    await whole.dsv(...args)
    const tookMs = performance.now() - startMs
    const after = await everything(whole)
    expect(after).not.toEqual(before)
    for (const moving of [false, true, true]) {
      using sandbox = copyOf(ready)
      const delayMs = Math.random() * (moving ? 20 : tookMs)
      await runAndStop(sandbox, args, { delayMs, moving, signal: 'SIGKILL' })
      expect([before, after]).toContainEqual(await everything(sandbox))
      expect(existsSync(sandbox.at('.dsv/local/checkout.json'))).toBe(false)
      await expectWhole(sandbox)
    }
    using sandbox = copyOf(ready)
    const delayMs = Math.random() * 10
    const isDone = await runAndStop(sandbox, args, { delayMs, moving: true, signal: 'SIGINT' })
    expect(await everything(sandbox)).toEqual(isDone ? after : before)
    await sandbox.dsv('add', '.')
  })
})

describe('dsv add after a switch that was killed', () => {
  it('takes it back first, so that no half of it is staged', async () => {
    const before = await everything(template)
    using whole = copyOf(template)
    await whole.dsv('switch', 'other')
    const after = await everything(whole)
    for (let delayMs = 0; delayMs < 8; delayMs += 2) {
      using sandbox = copyOf(template)
      const args = ['switch', 'other']
      await runAndStop(sandbox, args, { delayMs, moving: true, signal: 'SIGKILL' })
      await sandbox.dsv('add', 'many')
      expect([before, after]).toContainEqual(await everything(sandbox))
    }
  })
})

/** Checks that every byte that is stored matches its id. */
async function expectWhole(sandbox: Sandbox): Promise<void> {
  const repository = await Repository.open(sandbox.at(''), testEnvironment())
  try {
    for await (const finding of checkStore(repository.store, { level: 4 }))
      throw new Error(`The repository is damaged: ${JSON.stringify(finding)}`)
  } finally {
    await repository.close()
  }
}

describe('a full disk', () => {
  it('makes a command fail with one sentence and changes nothing', async () => {
    const before = await everything(template)
    for (const args of [['switch', 'other'], ['add', '.'], ['stash'], ['undo']]) {
      using sandbox = copyOf(template)
      sandbox.write('large.bin', Buffer.alloc(4_000_000, 1))
      // No file may grow beyond some kilobytes, as on a disk that is almost full.
      const { exitCode, stderr } = await sandbox.run(args, { limits: 'ulimit -f 8' })
      rmSync(sandbox.at('large.bin'))
      if (exitCode === 0) continue
      expect({ exitCode, isBug: stderr.includes('bug:') }).toEqual({ exitCode: 1, isBug: false })
      expect(await everything(sandbox)).toEqual(before)
    }
  })
})
