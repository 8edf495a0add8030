import { describe, expect, it } from '@jest/globals'
import { casesOf, runScript } from './run-script.ts'

const sound = { exitCode: 0, output: expect.stringContaining('problems: 0') }

describe('two pushes to one branch and a collection', () => {
  it('lose nothing and show nothing half, in whatever order they reach the storage', async () => {
    const report = await runScript('interleavings', '--clock', 'ahead')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(100)
  }, 120_000)
})

describe('a request to a storage that fails', () => {
  it('makes the transfer say why, and the next one succeeds', async () => {
    const report = await runScript('remote-faults', '--part', 'storage')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(60)
  }, 120_000)

  it.each(['bucket', 'server'])(
    'is made good when it was the connection to a %s',
    async (part) => {
      const report = await runScript(
        'remote-faults',
        '--part',
        part,
        '--transfer',
        'push',
        '--stride',
        '5',
      )

      expect(report).toMatchObject(sound)
      expect(casesOf(report)).toBeGreaterThan(5)
    },
    120_000,
  )
})

describe('a push or clone that is killed', () => {
  it('leaves both sides sound, and goes on when it is run again', async () => {
    expect(await runScript('remote-kills')).toMatchObject(sound)
  }, 120_000)
})
