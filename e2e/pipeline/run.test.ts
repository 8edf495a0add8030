import { readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

// Each command is a process, and there are many.
jest.setTimeout(120_000)

const TWO_STAGES = `
stages:
  double:
    cmd: mkdir -p out && cat data/in.txt data/in.txt > out/twice.txt
    deps: [data/in.txt]
    params: [suffix]
    outs: [out]
  copy:
    cmd: cat out/twice.txt > copy.txt
    deps: [out/twice.txt]
    outs: [copy.txt]
`

async function openPipeline(yaml: string): Promise<Sandbox> {
  const sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('dvc.yaml', yaml)
  sandbox.write('params.yaml', 'suffix: a\n')
  sandbox.write('data/in.txt', 'one\n')
  return sandbox
}

async function untilThere(sandbox: Sandbox, inside: string): Promise<void> {
  while (!sandbox.has(inside)) await setTimeout(20)
}

test('runs what is out of date, once', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 ran\n')
  expect(sandbox.read('copy.txt')).toBe('one\none\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')

  sandbox.write('data/in.txt', 'two\n')
  const { stderr } = await sandbox.run(['run', '--dry-run'])
  expect(stderr).toBe(
    'dvc.yaml:double: data/in.txt changed\ndvc.yaml:copy: needs dvc.yaml:double\n',
  )
  await expect(sandbox.dsv('status')).resolves.toContain('dvc.yaml:double: data/in.txt changed')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 ran\n')
  expect(sandbox.read('copy.txt')).toBe('two\ntwo\n')
  expect(sandbox.read('dsv.lock')).toContain('dvc.yaml:copy:')
})

test('a parameter, a command and an output that change are reasons', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  await sandbox.dsv('run')
  sandbox.write('params.yaml', 'suffix: b\n')
  sandbox.write('dvc.yaml', TWO_STAGES.replace('cat out/twice.txt >', 'tac out/twice.txt >'))
  sandbox.write('copy.txt', 'by hand\n')
  const { staleStages } = JSON.parse(await sandbox.dsv('status', '--json'))
  expect(staleStages).toEqual([
    {
      stage: 'dvc.yaml:double',
      reasons: [{ kind: 'parameter', file: 'params.yaml', key: 'suffix' }],
    },
    {
      stage: 'dvc.yaml:copy',
      reasons: [
        { kind: 'command' },
        { kind: 'output', path: 'copy.txt', change: 'changed' },
        { kind: 'upstream', stage: 'dvc.yaml:double' },
      ],
    },
  ])
})

test('a stage that fails changes nothing', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  await sandbox.dsv('run')
  const lock = sandbox.read('dsv.lock')
  sandbox.write('dvc.yaml', TWO_STAGES.replace('> out/twice.txt', '> out/twice.txt && exit 3'))
  const { exitCode, stderr, stdout } = await sandbox.run(['run'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('exited with 3')
  expect(stdout).toBe('Stages: 1 failed, 1 not run\n')
  expect(sandbox.read('out/twice.txt')).toBe('one\none\n')
  expect(sandbox.read('dsv.lock')).toBe(lock)
})

test('an output that is not made is a failure', async () => {
  using sandbox = await openPipeline('stages: {a: {cmd: "true", outs: [a.txt]}}')
  const { exitCode, stderr } = await sandbox.run(['run'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('Stage dvc.yaml:a did not make a.txt')
})

test('what is in the place of an output comes back with undo', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  sandbox.write('out/mine.txt', 'kept\n')
  sandbox.write('copy.txt', 'by hand\n')
  await sandbox.dsv('run')
  expect(sandbox.has('out/mine.txt')).toBe(false)
  expect(sandbox.read('copy.txt')).toBe('one\none\n')
  await sandbox.dsv('undo')
  expect(sandbox.read('copy.txt')).toBe('by hand\n')
  await sandbox.dsv('undo')
  expect(sandbox.read('out/mine.txt')).toBe('kept\n')
  expect(sandbox.has('dsv.lock')).toBe(false)
})

test('what was made of the same inputs before does not run again', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  await sandbox.dsv('run')
  sandbox.write('data/in.txt', 'two\n')
  await sandbox.dsv('run')
  sandbox.write('data/in.txt', 'one\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 taken from the run cache\n')
  expect(sandbox.read('copy.txt')).toBe('one\none\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  await expect(sandbox.dsv('run', '--force')).resolves.toBe('Stages: 2 ran\n')
})

test('outputs that are not stored are ignored and known', async () => {
  const yaml =
    'stages: {a: {cmd: cat data/in.txt > big.bin, deps: [data/in.txt], outs: [{big.bin: {cache: false}}]}}'
  using sandbox = await openPipeline(yaml)
  await sandbox.dsv('run')
  await expect(sandbox.dsv('status')).resolves.not.toContain('big.bin')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  sandbox.write('big.bin', 'by hand\n')
  await sandbox.dsv('run')
  expect(sandbox.read('big.bin')).toBe('one\n')
  const { exitCode, stderr } = await sandbox.run(['undo'])
  // The file that was made is nowhere stored, so it is not written over.
  expect(exitCode).toBe(1)
  expect(stderr).toContain('big.bin')
})

test('what a stage makes and does not declare is kept, and writes over nothing', async () => {
  const yaml =
    'stages: {a: {cmd: echo x > a.txt; echo y > side.txt; rm params.yaml; echo z > params.yaml, outs: [a.txt]}}'
  using sandbox = await openPipeline(yaml)
  const { stderr } = await sandbox.run(['run'])
  expect(sandbox.read('side.txt')).toBe('y\n')
  expect(sandbox.read('params.yaml')).toBe('suffix: a\n')
  expect(stderr).toContain('file made that is no output (side.txt)')
  expect(stderr).toContain('the change was dropped (params.yaml)')
})

test.each(['true', 'false'])('an output behind a link is refused (cache: %s)', async (cache) => {
  using sandbox = await openPipeline(
    `stages: {a: {cmd: echo x > far/a.txt, outs: [far/a.txt: {cache: ${cache}}]}}`,
  )
  sandbox.write('../outside/a.txt', 'mine\n')
  symlinkSync('../outside', sandbox.at('far'))
  const { exitCode, stderr } = await sandbox.run(['run'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('cannot make far/a.txt: far is no folder')
  expect(sandbox.read('../outside/a.txt')).toBe('mine\n')
})

test('an output that persists is there when the command runs', async () => {
  const yaml =
    'stages: {a: {cmd: cat data/in.txt >> log.txt, deps: [data/in.txt], outs: [{log.txt: {persist: true}}]}}'
  using sandbox = await openPipeline(yaml)
  await sandbox.dsv('run')
  sandbox.write('data/in.txt', 'two\n')
  await sandbox.dsv('run')
  expect(sandbox.read('log.txt')).toBe('one\ntwo\n')
})

test('stages that do not need one another run side by side', async () => {
  const meet = (own: string, other: string): string =>
    `touch "$DSV_MEET/${own}"; for i in $(seq 600); do [ -e "$DSV_MEET/${other}" ] && break; sleep 0.05; done; test -e "$DSV_MEET/${other}" && echo ${own} > ${own}.txt`
  using sandbox = await openPipeline(
    `stages:\n  a:\n    cmd: ${meet('a', 'b')}\n    outs: [a.txt]\n  b:\n    cmd: ${meet('b', 'a')}\n    outs: [b.txt]\n`,
  )
  const { exitCode, stdout } = await sandbox.run(['run', '-j', '2'], {
    env: { DSV_MEET: sandbox.at('data') },
  })
  expect([exitCode, stdout]).toEqual([0, 'Stages: 2 ran\n'])
  expect(sandbox.read('a.txt') + sandbox.read('b.txt')).toBe('a\nb\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
})

const SLOW =
  'stages: {a: {cmd: "echo half > a.txt; touch $DSV_MEET/begun; sleep 60; echo whole > a.txt", outs: [a.txt], deps: [data/in.txt]}}'

test.each(['SIGINT', 'SIGKILL'] as const)(
  '%s leaves what was there, and the next run is right',
  async (signal) => {
    using sandbox = await openPipeline('stages: {a: {cmd: echo old > a.txt, outs: [a.txt]}}')
    await sandbox.dsv('run')
    sandbox.write('dvc.yaml', SLOW)
    const running = sandbox.start(['run'], { env: { DSV_MEET: sandbox.at('data') } })
    await untilThere(sandbox, 'data/begun')
    running.process.kill(signal)
    const { exitCode } = await running.done
    expect(exitCode).toBe(signal === 'SIGINT' ? 130 : undefined)
    expect(sandbox.read('a.txt')).toBe('old\n')
    sandbox.write('dvc.yaml', SLOW.replace('sleep 60; ', ''))
    const env = { DSV_MEET: sandbox.at('data') }
    await expect(sandbox.run(['run'], { env })).resolves.toMatchObject({ exitCode: 0 })
    expect(sandbox.read('a.txt')).toBe('whole\n')
    await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
    await expect(sandbox.dsv('fsck')).resolves.toBe('The repository is whole.\n')
  },
)

test('a command that outlived its run is ended before the next one begins', async () => {
  const slow = SLOW.replace('touch', () => 'echo $$ > $DSV_MEET/pid; touch')
  using sandbox = await openPipeline(slow)
  const env = { DSV_MEET: sandbox.at('data') }
  const running = sandbox.start(['run'], { env })
  await untilThere(sandbox, 'data/begun')
  running.process.kill('SIGKILL')
  await running.done
  const pid = Number(sandbox.read('data/pid'))
  expect(process.kill(pid, 0)).toBe(true)

  sandbox.write('dvc.yaml', slow.replace('sleep 60; ', ''))
  const { exitCode, stderr } = await sandbox.run(['run'], { env })
  expect(exitCode).toBe(0)
  expect(stderr).toContain(
    `Ended a command that a killed run had left running (process group ${pid})`,
  )
  expect(readdirSync(sandbox.at('.dsv/local/runs'))).toEqual([])
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
})

test('two runs at once end with what one would have made', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  const both = [sandbox.run(['run']), sandbox.run(['run'])]
  for (const { exitCode } of await Promise.all(both)) expect(exitCode).toBe(0)
  expect(sandbox.read('copy.txt')).toBe('one\none\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
})

test('stages are named, with what they need, alone, or with what needs them', async () => {
  using sandbox = await openPipeline(TWO_STAGES)
  const planned = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stages } = JSON.parse(await sandbox.dsv('run', '--dry-run', '--json', ...args))
    return stages.map((each: { readonly stage: string }) => each.stage)
  }
  await expect(planned('copy.txt')).resolves.toEqual(['dvc.yaml:double', 'dvc.yaml:copy'])
  await expect(planned('--single', 'copy')).resolves.toEqual(['dvc.yaml:copy'])
  await expect(planned('--downstream', 'dvc.yaml:double')).resolves.toHaveLength(2)
  const { exitCode, stderr } = await sandbox.run(['run', 'cope'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('There is no stage and no output "cope"')
})

test('a stage that reads through a link runs when what is there changes', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('../outside/in.txt', 'one\n')
  sandbox.write('file.txt', 'one\n')
  symlinkSync('../outside', sandbox.at('data'))
  symlinkSync('file.txt', sandbox.at('link.txt'))
  sandbox.write(
    'dvc.yaml',
    'stages: {a: {cmd: cat data/in.txt link.txt > out.txt, deps: [data, link.txt], outs: [out.txt]}}\n',
  )
  await sandbox.dsv('run')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  sandbox.write('../outside/in.txt', 'two\n')
  await sandbox.dsv('run')
  expect(sandbox.read('out.txt')).toBe('two\none\n')
  sandbox.write('file.txt', 'two\n')
  const { stderr } = await sandbox.run(['run', '--dry-run'])
  expect(stderr).toBe('dvc.yaml:a: link.txt changed\n')
  rmSync(sandbox.at('link.txt'))
  symlinkSync('nowhere', sandbox.at('link.txt'))
  const failed = await sandbox.run(['run'])
  expect([failed.exitCode, failed.stderr]).toEqual([
    1,
    expect.stringContaining('needs link.txt, which does not exist'),
  ])
})

test('a stage runs when what links inside of a folder lead to changes, once', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('shared/a.txt', 'one\n')
  sandbox.write('shared/deep/b.txt', 'one\n')
  sandbox.write('../outside/c.txt', 'one\n')
  sandbox.write('data/own.txt', 'own\n')
  symlinkSync('../shared/a.txt', sandbox.at('data/a.txt'))
  symlinkSync('../shared/deep', sandbox.at('data/deep'))
  symlinkSync('../../outside', sandbox.at('data/outside'))
  symlinkSync('..', sandbox.at('data/around'))
  symlinkSync('nowhere', sandbox.at('data/broken'))
  symlinkSync('../.dsv', sandbox.at('data/dsv'))
  sandbox.write(
    'dvc.yaml',
    'stages: {a: {cmd: cat data/a.txt data/deep/b.txt > out.txt, deps: [data], outs: [out.txt]}}\n',
  )
  await sandbox.dsv('run')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')

  for (const [file, made] of [
    ['shared/a.txt', 'two\none\n'],
    ['shared/deep/b.txt', 'two\ntwo\n'],
  ] as const) {
    sandbox.write(file, 'two\n')
    const { stderr } = await sandbox.run(['run'])
    expect(stderr).toContain('dvc.yaml:a: data changed\n')
    expect(sandbox.read('out.txt')).toBe(made)
    await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  }

  sandbox.write('../outside/c.txt', 'two\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  rmSync(sandbox.at('data/broken'))
  symlinkSync('nowhere-else', sandbox.at('data/broken'))
  await expect(sandbox.dsv('run', '--dry-run', '--json')).resolves.toContain('"changed"')
})

test('what is never stored of an output is said to be dropped', async () => {
  const make = 'mkdir -p out/sub/.git loose/.git; touch out/a out/sub/.git/config loose/.git/config'
  using sandbox = await openPipeline(
    `stages: {a: {cmd: '${make}', outs: [out, {loose: {cache: false}}]}}`,
  )
  const { stderr, stdout } = await sandbox.run(['run'])
  expect(stdout).toBe('Stages: 1 ran\n')
  expect(stderr).toContain('1 × made in an output, but never stored and so dropped')
  expect(stderr).toContain('(out/sub/.git)')
  expect(sandbox.has('out/a')).toBe(true)
  expect(sandbox.has('out/sub')).toBe(false)
  expect(sandbox.has('loose/.git/config')).toBe(true)
})

test('undo says how to bring back what was changed of an output that is not stored', async () => {
  using sandbox = await openPipeline(
    'stages: {a: {cmd: echo made > a.txt, outs: [{a.txt: {cache: false}}]}}',
  )
  await sandbox.dsv('run')
  sandbox.write('a.txt', 'by hand\n')
  await sandbox.dsv('run')
  const { exitCode, stderr } = await sandbox.run(['undo'])
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('rename them, then undo again')])
  renameSync(sandbox.at('a.txt'), sandbox.at('new.txt'))
  await sandbox.dsv('undo')
  expect([sandbox.read('a.txt'), sandbox.read('new.txt')]).toEqual(['by hand\n', 'made\n'])
})

test('an output may be an empty folder', async () => {
  using sandbox = await openPipeline(
    'stages:\n  only:\n    cmd: mkdir -p out && cp list.txt out || true\n    outs: [out]\n',
  )
  await sandbox.dsv('run')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
  expect(readdirSync(sandbox.at('out'))).toEqual([])

  sandbox.write('out/extra.txt', 'by hand\n')
  await sandbox.dsv('add', 'out')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 taken from the run cache\n')
  expect(readdirSync(sandbox.at('out'))).toEqual([])

  rmSync(sandbox.at('out'), { recursive: true })
  await expect(sandbox.dsv('status')).resolves.toContain('dvc.yaml:only: output out is missing')
  await sandbox.dsv('run')
  expect(readdirSync(sandbox.at('out'))).toEqual([])
  await expect(sandbox.dsv('status')).resolves.not.toContain('out of date')
})
