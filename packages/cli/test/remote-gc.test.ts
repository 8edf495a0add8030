import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { beginShared, openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => {
  sandbox.close()
})

/** Pushes a branch and deletes it over there, where the log of operations is kept for no time. */
async function leaveGarbage(): Promise<void> {
  const { dsv, write } = sandbox
  await beginShared(sandbox)
  await dsv('switch', '-c', 'lost')
  write('lost.bin', 'lost '.repeat(20_000))
  await dsv('add', 'lost.bin')
  await dsv('commit', '-m', 'lost')
  await dsv('push', 'origin', 'lost')
  await dsv('push', '--delete', 'origin', 'lost')
}

describe('dsv gc --remote', () => {
  it('collects over there and leaves what is here alone', async () => {
    await leaveGarbage()
    const { dsv, json } = sandbox
    const planned = await dsv('gc', '--remote', 'origin', '--dry-run')
    expect(planned).toMatchObject({ exitCode: 0, note: '' })
    expect(planned.out).toMatch(/^origin: \d+ objects in use\.\n.*would be condemned/)
    expect(await json('gc', '--remote')).toMatchObject({ deleted: 0, remains: 0 })
    expect((await dsv('cat', 'lost:lost.bin')).out).toHaveLength(100_000)
    expect((await dsv('clone', '../shared', '../copy')).exitCode).toBe(0)
  })

  it('says which remote it does not know', async () => {
    await sandbox.dsv('init')
    const run = await sandbox.dsv('gc', '--remote', 'nowhere')
    expect(run.exitCode).toBe(1)
    expect(run.note).toContain('nowhere')
  })
})
