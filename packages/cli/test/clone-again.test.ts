import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { beginShared, openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await beginShared(sandbox)
})
afterEach(() => {
  sandbox.close()
})

/** Makes the copy look as a clone leaves it that is killed before it has checked anything out. */
async function leaveUnfinished(): Promise<void> {
  const { dsv, write, folder } = sandbox
  await dsv('clone', '--no-checkout', '../shared', '../copy')
  write('../copy/.dsv/local/cloning', `${folder.replace(/work$/, 'shared')}\n`)
}

describe('dsv clone into a folder that is not empty', () => {
  it('goes on where one from the same address was killed', async () => {
    await leaveUnfinished()
    const run = await sandbox.dsv('clone', '../shared', '../copy')
    expect(run).toMatchObject({ exitCode: 0, note: '' })
    expect(sandbox.read('../copy/kept.txt')).toBe('kept')
    expect(await sandbox.dsv('clone', '../shared', '../copy')).toMatchObject({ exitCode: 2 })
  })

  it('refuses it where that one was from elsewhere, or is whole', async () => {
    await leaveUnfinished()
    expect((await sandbox.dsv('clone', '.', '../copy')).note).toContain('is not empty')
    sandbox.remove('../copy/.dsv/local/cloning')
    expect((await sandbox.dsv('clone', '../shared', '../copy')).note).toContain('is not empty')
  })
})
