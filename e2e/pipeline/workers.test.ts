import { expect, test } from '@jest/globals'
import type { Sandbox } from '../sandbox.ts'
import {
  committed,
  expectClean,
  idOfPlainRun,
  killOneWorker,
  onlyStage,
  openWork,
} from './work-elsewhere.ts'

const TIMEOUT_MS = 180_000

async function runElsewhere(sandbox: Sandbox, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await sandbox.run(['run', '--on', 'local:2', ...args])
  return `${exitCode}\n${stdout}${stderr}`
}

test(
  'processes of their own make the same commit as one process',
  async () => {
    const plain = await idOfPlainRun()
    using sandbox = await openWork()
    const said = await runElsewhere(sandbox)
    expect(said).toContain('Stages: 4 ran')
    expect(said).toContain('counted')
    await expect(committed(sandbox)).resolves.toBe(plain)
    await expectClean(sandbox)
    await expect(runElsewhere(sandbox)).resolves.toContain('Nothing to do.')
  },
  TIMEOUT_MS,
)

test(
  'a step that goes item by item makes the same in any number of jobs',
  async () => {
    const plain = await idOfPlainRun()
    for (const chunks of ['1', '3', '9']) {
      using sandbox = await openWork()
      const said = await runElsewhere(sandbox, '--chunks', chunks)
      expect(said).toContain('Stages: 4 ran')
      await expect(committed(sandbox)).resolves.toBe(plain)
      await expectClean(sandbox)
    }
  },
  TIMEOUT_MS,
)

test(
  'what a step notes of its pieces is told as of the whole',
  async () => {
    using sandbox = await openWork(
      'stages: {cats: {from: raw, steps: [{project-categories: {names: [cat]}}], into: cats}}\n',
    )
    await expect(runElsewhere(sandbox, '--chunks', '3')).resolves.toContain(
      'warning: dsv.yaml:cats: 1 × category deleted (dog)',
    )
  },
  TIMEOUT_MS,
)

test(
  'a worker that is killed in the middle changes nothing',
  async () => {
    const said = await killOneWorker(async (sandbox) => runElsewhere(sandbox))
    expect(said).toContain('was lost (ended by SIGKILL); another one begins again')
  },
  TIMEOUT_MS,
)

test(
  'a stage that fails says why, is not tried again, and leaves what was there',
  async () => {
    using sandbox = await openWork(onlyStage('echo cannot; exit 3'))
    const said = await runElsewhere(sandbox)
    expect(said).toContain('1\nStages: 1 failed')
    expect(said).toContain('cannot')
    expect(said).toContain('code: DSV_STAGE_FAILED')
    expect(said).not.toContain('begins again')
    expect(sandbox.has('out.txt')).toBe(false)
    await expectClean(sandbox)
  },
  TIMEOUT_MS,
)

test(
  'a worker that cannot be started is said to be that',
  async () => {
    using sandbox = await openWork(onlyStage('true'))
    const said = await runElsewhere(sandbox, '--worker', 'no-such-program')
    expect(said).toContain('name the command that starts dsv there with --worker')
    await expectClean(sandbox)
  },
  TIMEOUT_MS,
)

test('options that make no sense are refused', async () => {
  using sandbox = await openWork()
  await expect(sandbox.run(['run', '--on', 'moon'])).resolves.toMatchObject({ exitCode: 2 })
  await expect(sandbox.run(['run', '--worker', 'x'])).resolves.toMatchObject({ exitCode: 2 })
  const work = ['worker', '../remote', 'refs/heads/main']
  const { exitCode, stderr } = await sandbox.run(work)
  expect(exitCode).toBe(1)
  expect(stderr).toContain('DSV_WORK_INVALID')
})
