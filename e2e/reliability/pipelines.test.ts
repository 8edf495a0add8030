import { expect, it } from '@jest/globals'
import { runScript } from './run-script.ts'

it('a run of a pipeline that is killed leaves whole outputs, and the next one is right', async () => {
  const report = await runScript('pipeline-kills')

  expect(report).toMatchObject({ exitCode: 0, output: expect.stringContaining('problems: 0') })
}, 120_000)
