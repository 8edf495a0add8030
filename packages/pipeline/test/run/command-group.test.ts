import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { endGroup, noteGroup } from '../../src/run/command-group.ts'

let folder = ''
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dsv-group-test-'))
})

afterEach(() => {
  for (const { pid } of children) signal(-(pid ?? 0), 'SIGKILL')
  children = []
  rmSync(folder, { recursive: true, force: true })
})

function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name)
  } catch {
    return false
  }
}

/** Whether a process of the group has not ended; one that nobody asked how it ended is there still, as a zombie. */
function lives(group: number): boolean {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' })
  return stdout.split('\n').some((line) => {
    const [pgid, state = 'Z'] = line.trim().split(/\s+/)
    return pgid === String(group) && !state.startsWith('Z')
  })
}

function scratch(): string {
  return path.join(folder, 'tree')
}

/** Starts a command as stages do, and waits until it says so by a file. */
async function start(command: string, env: Record<string, string> = {}): Promise<number> {
  const begun = path.join(folder, 'begun')
  const child = spawn('/bin/sh', ['-c', command.replace('BEGUN', `touch ${begun}`)], {
    detached: true,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ...env },
  })
  children.push(child)
  while (!existsSync(begun)) await setTimeout(10)
  return child.pid ?? 0
}

function changeNote(change: (note: Record<string, unknown>) => Record<string, unknown>): void {
  const file = path.join(folder, 'command.json')
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))))
}

describe('endGroup', () => {
  it('ends a command and what it has started, as soon as they let themselves be ended', async () => {
    const group = await start('sleep 60 & BEGUN; wait')
    noteGroup(scratch(), group)
    await expect(endGroup(folder)).resolves.toBe(group)
    expect(lives(group)).toBe(false)
    await expect(endGroup(folder)).resolves.toBeUndefined()
  })

  it('ends one that does not want to', async () => {
    const group = await start("trap '' TERM; BEGUN; while :; do sleep 1; done")
    noteGroup(scratch(), group)
    await expect(endGroup(folder)).resolves.toBe(group)
    expect(lives(group)).toBe(false)
  }, 20_000)

  it('ends what is left of a command whose shell is gone', async () => {
    const group = await start('sleep 60 & BEGUN', { DSV_ROOT: scratch() })
    noteGroup(scratch(), group)
    while (signal(group, 0)) await setTimeout(10)
    await expect(endGroup(folder)).resolves.toBe(group)
  })

  it.each([
    ['started at another time', (note: object) => ({ ...note, startTime: '1' })],
    ['of another start of the machine', (note: object) => ({ ...note, boot: 'b' })],
    ['of another machine', (note: object) => ({ ...note, host: 'h' })],
    ['of another scratch folder', (note: object) => ({ ...note, scratch: '/elsewhere/tree' })],
    ['without a start', (note: object) => ({ ...note, startTime: '' })],
  ])('leaves a process alone that was %s', async (_what, change) => {
    const group = await start('BEGUN; sleep 60')
    noteGroup(scratch(), group)
    changeNote(change)
    await expect(endGroup(folder)).resolves.toBeUndefined()
    expect(lives(group)).toBe(true)
  })

  it('leaves a group alone whose leader is gone and that does not name the folder', async () => {
    const group = await start('sleep 60 & BEGUN', { DSV_ROOT: `${scratch()}2` })
    noteGroup(scratch(), group)
    while (signal(group, 0)) await setTimeout(10)
    await expect(endGroup(folder)).resolves.toBeUndefined()
    expect(lives(group)).toBe(true)
  })

  it('leaves the command of a repository alone that this one is a copy of', async () => {
    const group = await start('BEGUN; sleep 60')
    noteGroup(scratch(), group)
    const copy = `${folder}-copy`
    cpSync(folder, copy, { recursive: true })
    await expect(endGroup(copy)).resolves.toBeUndefined()
    rmSync(copy, { recursive: true })
    expect(lives(group)).toBe(true)
  })

  it.each(['', '{', 'null', '[]', '{"pid": -1}', '{"pid": 1, "host": "", "boot": ""}'])(
    'takes %j for no note',
    async (text) => {
      writeFileSync(path.join(folder, 'command.json'), text)
      await expect(endGroup(folder)).resolves.toBeUndefined()
    },
  )
})
