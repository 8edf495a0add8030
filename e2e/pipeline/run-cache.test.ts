import { rmSync } from 'node:fs'
import { expect, jest, test } from '@jest/globals'
import { openSandbox } from '../sandbox.ts'

// Each command is a process, and there are many.
jest.setTimeout(120_000)

const PIPELINE =
  'stages: {a: {cmd: mkdir out && cat in.txt > out/a.txt, deps: [in.txt], outs: [out]}}\n'

test('what one has made, another one need not make again', async () => {
  using sandbox = openSandbox()
  const run = async (cwd: string, ...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await sandbox.run(args, { cwd })
    expect([exitCode, stderr]).toEqual([0, expect.any(String)])
    return stdout
  }
  await sandbox.dsv('init')
  sandbox.write('dvc.yaml', PIPELINE)
  sandbox.write('in.txt', 'one\n')
  await sandbox.dsv('add', '.')
  await sandbox.dsv('commit', '-m', 'first')
  await run('.', 'init', 'remote')
  await sandbox.dsv('remote', 'add', 'origin', '../remote')
  await sandbox.dsv('push')
  await run('.', 'clone', 'remote', 'other')

  sandbox.write('../other/in.txt', 'two\n')
  await run('other', 'run')
  await sandbox.dsv('run')
  await expect(run('other', 'push')).resolves.toContain('Pushed what pipelines made')
  await expect(sandbox.dsv('push')).resolves.toContain('Pushed what pipelines made')
  await expect(sandbox.dsv('push')).resolves.toBe('origin has everything already.\n')

  sandbox.write('in.txt', 'two\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 taken from the run cache\n')
  expect(sandbox.read('out/a.txt')).toBe('two\n')
  await run('other', 'fetch')
  sandbox.write('../other/in.txt', 'one\n')
  await expect(run('other', 'run')).resolves.toBe('Stages: 1 taken from the run cache\n')
  await expect(run('remote', 'fsck')).resolves.toBe('The repository is whole.\n')
  await expect(sandbox.dsv('log', '--all', '--oneline')).resolves.not.toContain('run')
})

test('an output that was deleted comes back', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write(
    'dvc.yaml',
    'stages: {a: {cmd: cp in.txt out.txt, deps: [in.txt], outs: [out.txt]}}\n',
  )
  sandbox.write('in.txt', 'one\n')
  await sandbox.dsv('run')
  rmSync(sandbox.at('out.txt'))
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 taken from the run cache\n')
  expect(sandbox.read('out.txt')).toBe('one\n')
  rmSync(sandbox.at('out.txt'))
  await expect(sandbox.dsv('run', '--force')).resolves.toBe('Stages: 1 ran\n')
  expect(sandbox.read('out.txt')).toBe('one\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')
})

test('what was not stored is made again when it shall be stored', async () => {
  using sandbox = openSandbox()
  const declare = (output: string): void =>
    sandbox.write('dvc.yaml', `stages: {a: {cmd: cat in > out, deps: [in], outs: [${output}]}}\n`)
  await sandbox.dsv('init')
  sandbox.write('in', 'one\n')
  declare('{out: {cache: false}}')
  await sandbox.dsv('run')
  declare('out')
  await expect(sandbox.dsv('status')).resolves.toContain('dvc.yaml:a: output out is not stored')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 1 ran\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')

  declare('{out: {cache: false}}')
  await sandbox.dsv('run', '--force')
  declare('out')
  rmSync(sandbox.at('out'))
  await sandbox.dsv('run')
  expect(sandbox.read('out')).toBe('one\n')
})

test('a parameter that is not there is an error, not nothing', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('params.yaml', 'rate: 1\n')
  sandbox.write('dvc.yaml', 'stages: {a: {cmd: echo > out, params: [rat], outs: [out]}}\n')
  const { exitCode, stderr } = await sandbox.run(['run'])
  expect([exitCode, sandbox.has('out')]).toEqual([1, false])
  expect(stderr).toContain('Stage dvc.yaml:a needs parameter rat of params.yaml, which does not')
})
