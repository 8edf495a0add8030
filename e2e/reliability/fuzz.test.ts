import { describe, expect, it } from '@jest/globals'
import { casesOf, runScript } from './run-script.ts'

const sound = { exitCode: 0, output: expect.stringContaining('problems: 0') }

describe('every decoder', () => {
  it('gives a result or an error of ours for bytes and values that were mutated', async () => {
    const report = await runScript('fuzz', '--kind', 'mutation', '--count', '200')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(6000)
  }, 120_000)

  it('stands bombs without taking their time or memory', async () => {
    const report = await runScript('fuzz', '--kind', 'bomb')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(40)
  }, 120_000)
})
