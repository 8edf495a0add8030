import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import {
  committed,
  expectClean,
  idOfPlainRun,
  killOneWorker,
  onlyStage,
  openWork,
} from '../pipeline/work-elsewhere.ts'
import type { Sandbox } from '../sandbox.ts'

/** Set by `scripts/ray.sh`: the address of a cluster of two nodes on this machine. */
const CLUSTER = process.env['DSV_TEST_RAY']
const describeOnRay = CLUSTER === undefined ? describe.skip : describe
const TIMEOUT_MS = 300_000

const DSV = fileURLToPath(new URL('../../packages/cli/bin/dsv.js', import.meta.url))

async function runOnRay(sandbox: Sandbox): Promise<string> {
  const worker = `'${process.execPath}' '${DSV}'`
  const passed = ['HOME', 'DSV_NOW'].flatMap((name) => ['--worker-env', name])
  const args = ['run', '--on', CLUSTER ?? '', '--worker', worker, ...passed]
  const { exitCode, stdout, stderr } = await sandbox.run(args)
  return `${exitCode}\n${stdout}${stderr}`
}

describeOnRay('a cluster of two nodes', () => {
  test(
    'makes the same commit as one process',
    async () => {
      const plain = await idOfPlainRun()
      using sandbox = await openWork()
      const said = await runOnRay(sandbox)
      expect(said).toContain('Stages: 4 ran')
      expect(said).toContain('counted')
      await expect(committed(sandbox)).resolves.toBe(plain)
      await expectClean(sandbox)
    },
    TIMEOUT_MS,
  )

  test(
    'a worker that is killed in the middle changes nothing',
    async () => {
      const said = await killOneWorker(runOnRay)
      expect(said).toContain('another one begins again')
    },
    TIMEOUT_MS,
  )

  test(
    'a stage that fails there fails here, with what it printed',
    async () => {
      using sandbox = await openWork(onlyStage('echo cannot; exit 3'))
      const said = await runOnRay(sandbox)
      expect(said).toContain('1\nStages: 1 failed')
      expect(said).toContain('cannot')
      expect(said).not.toContain('begins again')
    },
    TIMEOUT_MS,
  )
})
