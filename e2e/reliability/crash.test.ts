import { describe, expect, it } from '@jest/globals'
import { casesOf, runScript } from './run-script.ts'

describe('a process that dies at any change of a file, or a power cut there', () => {
  it('leaves the old or the new state, a sound repository and one that works', async () => {
    const report = await runScript('crash', '--stride', '17')

    expect(report).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('problems: 0'),
    })
    expect(casesOf(report)).toBeGreaterThan(300)
  }, 120_000)
})
