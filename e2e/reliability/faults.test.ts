import { describe, expect, it } from '@jest/globals'
import { casesOf, runScript } from './run-script.ts'

const sound = { exitCode: 0, output: expect.stringContaining('problems: 0') }

describe('a system call that fails', () => {
  it('makes the command say why and loses nothing', async () => {
    const report = await runScript('faults', '--part', 'faults', '--stride', '127')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(60)
  }, 120_000)
})

describe('a damaged file', () => {
  it('is named by fsck and healed from another repository', async () => {
    const report = await runScript('faults', '--part', 'damage')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(150)
  }, 120_000)
})

describe('a damaged root', () => {
  it('is never taken for another one, and comes back from its copy', async () => {
    const report = await runScript('faults', '--part', 'root')

    expect(report).toMatchObject(sound)
    expect(casesOf(report)).toBeGreaterThan(30)
  })
})
