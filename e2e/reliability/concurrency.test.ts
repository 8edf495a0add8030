import { describe, expect, it } from '@jest/globals'
import { runScript } from './run-script.ts'

const sound = { exitCode: 0, output: expect.stringContaining('problems: 0') }

describe('the built dsv', () => {
  it('keeps what it promised to many processes at once', async () => {
    expect(await runScript('concurrency', '--part', 'many', '--rounds', '2')).toMatchObject(sound)
  }, 120_000)

  it('passes by locks and checkouts whose owners are gone', async () => {
    expect(await runScript('concurrency', '--part', 'stale')).toMatchObject(sound)
  }, 120_000)

  it('shows a repository to who may only read it, and lets a group share one', async () => {
    expect(await runScript('concurrency', '--part', 'users')).toMatchObject(sound)
  }, 120_000)
})
