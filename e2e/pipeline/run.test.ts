import { expect, test } from '@jest/globals'
import { openSandbox } from '../sandbox.ts'

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

test('runs what is out of date, once', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('dvc.yaml', TWO_STAGES)
  sandbox.write('params.yaml', 'suffix: a\n')
  sandbox.write('data/in.txt', 'one\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 ran\n')
  expect(sandbox.read('copy.txt')).toBe('one\none\n')
  await expect(sandbox.dsv('run')).resolves.toBe('Nothing to do.\n')

  sandbox.write('data/in.txt', 'two\n')
  const { stderr } = await sandbox.run(['run', '--dry-run'])
  expect(stderr).toBe(
    'dvc.yaml:double: data/in.txt changed\ndvc.yaml:copy: needs dvc.yaml:double\n',
  )
  await expect(sandbox.dsv('run')).resolves.toBe('Stages: 2 ran\n')
  expect(sandbox.read('copy.txt')).toBe('two\ntwo\n')
  expect(sandbox.read('dsv.lock')).toContain('dvc.yaml:copy:')
})

test('a stage that fails changes nothing', async () => {
  using sandbox = openSandbox()
  await sandbox.dsv('init')
  sandbox.write('data/in.txt', 'one\n')
  sandbox.write('params.yaml', 'suffix: a\n')
  sandbox.write('dvc.yaml', TWO_STAGES)
  await sandbox.dsv('run')
  const lock = sandbox.read('dsv.lock')
  sandbox.write('dvc.yaml', TWO_STAGES.replace('> out/twice.txt', '> out/twice.txt && exit 3'))
  const { exitCode, stderr } = await sandbox.run(['run'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('exited with 3')
  expect(sandbox.read('out/twice.txt')).toBe('one\none\n')
  expect(sandbox.read('dsv.lock')).toBe(lock)
})
