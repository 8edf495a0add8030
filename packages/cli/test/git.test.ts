import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

const link = (digit: string): string =>
  `dsvlink: 1\nrepository: s3://bucket/cats\ncommit: ${digit.repeat(64)}\npath: data\n`

describe('dsv git', () => {
  it('links a dataset and checks out what a link names', async () => {
    await sandbox.dsv('init')
    sandbox.write('notes.txt', 'one')
    await sandbox.dsv('add', '.')
    await sandbox.dsv('commit', '-m', 'first')
    const linked = await sandbox.dsv('git', 'link', 'data', '--repository', '/shared/cats')
    expect(linked).toMatchObject({ exitCode: 0 })
    const first = sandbox.read('data.dsvlink')
    expect(first).toContain('repository: /shared/cats\n')
    expect((await sandbox.dsv('git', 'sync', 'data.dsvlink')).out).toContain('already')
    sandbox.write('notes.txt', 'two')
    await sandbox.dsv('add', 'notes.txt')
    await sandbox.dsv('commit', '-m', 'second')
    expect(await sandbox.dsv('git', 'sync', 'data.dsvlink')).toMatchObject({ exitCode: 0 })
    expect(sandbox.read('notes.txt')).toBe('one')
  })

  it('merges links for Git', async () => {
    sandbox.write('base', link('a'))
    sandbox.write('ours', link('a'))
    sandbox.write('theirs', link('b'))
    const merged = await sandbox.dsv('git', 'merge-driver', 'base', 'ours', 'theirs')
    expect(merged.exitCode).toBe(0)
    expect(sandbox.read('ours')).toBe(link('b'))
    sandbox.write('ours', link('c'))
    const both = await sandbox.dsv('git', 'merge-driver', 'base', 'ours', 'theirs')
    expect(both.exitCode).toBe(1)
    expect(sandbox.read('ours')).toContain('<<<<<<< ours')
  })

  it('shows a link in few words', async () => {
    sandbox.write('x.dsvlink', link('a'))
    expect((await sandbox.dsv('git', 'textconv', 'x.dsvlink')).out).toContain('dataset data\n')
  })
})
