import { chmodSync, lstatSync, readdirSync, renameSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, jest, test } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

// Each command is a process, and there are many.
jest.setTimeout(120_000)

const ONE_STAGE = `
stages:
  copy:
    cmd: mkdir out && cp in.txt out
    deps: [in.txt]
    outs: [out]
`

async function openPipeline(yaml: string): Promise<Sandbox> {
  const sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('dsv.yaml', yaml)
  sandbox.write('in.txt', 'one\n')
  return sandbox
}

test('outputs of the same name that are not stored are made anew', async () => {
  using sandbox = await openPipeline(`
stages:
  both:
    cmd: mkdir -p a/made b/made && cp in.txt a/made && cp in.txt b/made
    deps: [in.txt]
    outs: [{ a/made: { cache: false } }, { b/made: { cache: false } }]
`)
  await sandbox.dsv('run')
  sandbox.write('in.txt', 'two\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 ran\n')
  expect([sandbox.read('a/made/in.txt'), sandbox.read('b/made/in.txt')]).toEqual(['two\n', 'two\n'])
})

test('an output that is not stored takes the place of a link that leads nowhere', async () => {
  using sandbox = await openPipeline(`
stages:
  link:
    cmd: if grep -q one in.txt; then ln -s nowhere out; else mkdir out && cp in.txt out; fi
    deps: [in.txt]
    outs: [{ out: { cache: false } }]
`)
  await sandbox.dsv('run')
  expect(lstatSync(sandbox.at('out')).isSymbolicLink()).toBe(true)
  sandbox.write('in.txt', 'two\n')
  await sandbox.dsv('run')
  expect(sandbox.read('out/in.txt')).toBe('two\n')
})

test('what lies in an output that was stored once, and is not now, comes back with undo', async () => {
  using sandbox = await openPipeline(ONE_STAGE)
  await sandbox.dsv('run')
  sandbox.write('dsv.yaml', ONE_STAGE.replace('[out]', '[{ out: { cache: false } }]'))
  sandbox.write('in.txt', 'two\n')
  await sandbox.dsv('run')
  sandbox.write('out/mine.txt', 'by hand\n')
  sandbox.write('in.txt', 'three\n')
  await sandbox.dsv('run')
  expect(sandbox.has('out/mine.txt')).toBe(false)
  renameSync(sandbox.at('out'), sandbox.at('new'))
  await sandbox.dsv('undo')
  expect(sandbox.read('out/mine.txt')).toBe('by hand\n')
})

test('rules of the user are kept, and a line break in an output makes none', async () => {
  using sandbox = await openPipeline(`
stages:
  break:
    cmd: touch "$(printf 'a\\nsecond')"
    deps: [in.txt]
    outs: [{ "a\\nsecond": { cache: false } }]
`)
  sandbox.write('.dsv/local/exclude', 'secret')
  sandbox.write('secret', '')
  sandbox.write('second', '')
  await sandbox.dsv('run')
  await sandbox.dsv('run')
  const status = await sandbox.dsv('status')
  expect(status).toContain('        second\n')
  expect(status).not.toContain('secret')
  expect(status).not.toContain('a\\nsecond')
})

test('a run whose parameters changed meanwhile is not kept for later', async () => {
  using sandbox = await openPipeline(`
stages:
  late:
    cmd: touch "$MARKS/began"; while [ ! -e "$MARKS/go" ]; do sleep 0.1; done; cat params.yaml > out
    deps: [in.txt]
    params: [rate]
    outs: [out]
`)
  sandbox.write('params.yaml', 'rate: 1\n')
  sandbox.write('../marks/.keep', '')
  const env = { MARKS: sandbox.at('../marks') }
  const { done } = sandbox.start(['run'], { env })
  while (!sandbox.has('../marks/began')) await setTimeout(20)
  sandbox.write('params.yaml', 'rate: 2\n')
  sandbox.write('../marks/go', '')
  await done
  expect(sandbox.read('out')).toBe('rate: 2\n')
  sandbox.write('params.yaml', 'rate: 1\n')
  sandbox.write('out', 'gone\n')
  const { stdout } = await sandbox.run(['run'], { env })
  expect(stdout).toBe('Stages: 1 ran\n')
  expect(sandbox.read('out')).toBe('rate: 1\n')
})

test('a pipe is no output', async () => {
  using sandbox = await openPipeline(ONE_STAGE.replace('mkdir out && cp in.txt out', 'mkfifo out'))
  sandbox.write('out', 'by hand\n')
  const { exitCode, stderr } = await sandbox.run(['run'])
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining('made out, which is no file, folder or link'),
  })
  expect(sandbox.read('out')).toBe('by hand\n')
})

// Nothing is forbidden to root.
const describeAsUser = process.getuid?.() === 0 ? describe.skip : describe

describeAsUser('without the rights of root', () => {
  test('folders that a command made read-only are published, and cleared away', async () => {
    const command = 'mkdir out && cp in.txt out && chmod a-w out'
    const yaml = ONE_STAGE.replace('mkdir out && cp in.txt out', command)
    using sandbox = await openPipeline(yaml)
    await sandbox.dsv('run')
    expect(readdirSync(sandbox.at('.dsv/local/runs'))).toEqual([])
    sandbox.write('dsv.yaml', yaml.replace('[out]', '[{ out: { cache: false } }]'))
    await sandbox.dsv('run', '--force')
    await sandbox.dsv('run', '--force')
    expect(readdirSync(sandbox.at('.dsv/local/runs'))).toEqual([])
    expect(lstatSync(sandbox.at('out')).mode & 0o200).toBe(0)
    chmodSync(sandbox.at('out'), 0o700)
  })
})
