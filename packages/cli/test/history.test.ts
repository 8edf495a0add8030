import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await commitStreet(sandbox)
})
afterEach(() => sandbox.close())

describe('dsv branch and dsv switch', () => {
  it('make, list, rename and delete branches', async () => {
    expect((await sandbox.dsv('branch', 'fix')).out).toBe('Made branch fix at <id>\n')
    expect((await sandbox.dsv('branch')).out).toBe('  fix\n* main\n')
    expect((await sandbox.dsv('branch', '-v')).out).toBe(
      '  fix   <id>  first labels\n* main  <id>  first labels\n',
    )
    expect((await sandbox.dsv('branch', '-m', 'fix', 'mend')).out).toBe(
      'Renamed branch fix to mend\n',
    )
    expect((await sandbox.dsv('branch', '-d', 'mend')).out).toBe(
      'Deleted branch mend (was at <id>)\n',
    )
    expect(await sandbox.json('branch')).toMatchObject([{ name: 'main', isCurrent: true }])
  })

  it('go to a branch, a new one, a commit, and back', async () => {
    expect((await sandbox.dsv('switch', '-c', 'fix')).out).toBe(
      'Switched to new branch fix at <id>\n',
    )
    expect((await sandbox.dsv('switch', 'main')).out).toBe('Switched to branch main at <id>\n')
    expect((await sandbox.dsv('switch', '-')).out).toBe('Switched to branch fix at <id>\n')
    expect((await sandbox.dsv('switch', '--detach', 'main')).out).toMatch(
      /^HEAD is now detached at <id>\n/u,
    )
    expect((await sandbox.dsv('branch')).out).toBe('* (detached at <id>)\n  fix\n  main\n')
  })

  it('refuse a branch that is not there, and name those that are', async () => {
    expect(await sandbox.dsv('switch', 'nope')).toMatchObject({
      exitCode: 1,
      note: expect.stringContaining('There is no branch nope\n  hint: Branches: main.'),
    })
  })
})

describe('dsv tag', () => {
  it('makes, lists and deletes tags', async () => {
    expect((await sandbox.dsv('tag', 'v1')).out).toBe('Tagged <id> as v1\n')
    await sandbox.dsv('tag', 'v2', '-m', 'as published')
    expect((await sandbox.dsv('tag')).out).toBe('v1  <id>\nv2  <id>  as published\n')
    expect((await sandbox.dsv('tag', '-d', 'v1')).out).toBe('Deleted tag v1\n')
    expect((await sandbox.dsv('show', 'v2', '--name-only')).out).toMatch(
      /^tag v2\nTagger: ada <ada@test>\n/u,
    )
    expect((await sandbox.dsv('tag', 'v2')).exitCode).toBe(1)
  })
})

describe('dsv undo and dsv op', () => {
  it('take back what was done, and go back to it', async () => {
    sandbox.write('README.md', 'edited\n')
    await sandbox.dsv('commit', '-am', 'edit')
    expect((await sandbox.dsv('op', 'log', '-n', '2')).out).toBe(
      [
        '<id>  2023-11-14 22:13:24 +0000  commit: edit',
        '<id>  2023-11-14 22:13:23 +0000  commit: first labels',
        '',
      ].join('\n'),
    )
    expect((await sandbox.dsv('undo')).out).toBe('Took back <id>: commit: edit\n')
    expect((await sandbox.dsv('log', '--oneline')).out).toBe('<id> (HEAD, main) first labels\n')
    const log = await sandbox.json('op', 'log')
    const [, edit] = Array.isArray(log) ? log : []
    expect(edit).toMatchObject({ command: 'dsv commit -am edit', user: 'ada <ada@test>' })
    expect((await sandbox.dsv('op', 'show', edit.id)).out).toContain('Command: dsv commit -am edit')
    expect((await sandbox.dsv('op', 'restore', edit.id)).out).toBe(
      'Everything is as it was after <id>: commit: edit\n',
    )
    expect((await sandbox.dsv('log', '--oneline', '-n', '1')).out).toBe('<id> (HEAD, main) edit\n')
    expect((await sandbox.dsv('undo')).exitCode).toBe(0)
    expect((await sandbox.dsv('log', '--oneline')).out).toBe('<id> (HEAD, main) first labels\n')
  })

  it('bring back files over several operations', async () => {
    writeImage(sandbox, 'a', [])
    await sandbox.dsv('commit', '-am', 'empty a')
    const log = await sandbox.json('op', 'log', '-n', '1')
    const [{ id }] = Array.isArray(log) ? log : []
    await sandbox.dsv('switch', '-c', 'other')
    writeImage(sandbox, 'a', [['kitten', [1, 1, 9, 9]]])
    await sandbox.dsv('commit', '-am', 'kitten')
    await sandbox.dsv('op', 'restore', id)
    expect(sandbox.read('street/Annotations/a.xml')).not.toContain('kitten')
    expect((await sandbox.dsv('status', '-s')).out).toBe('')
    expect((await sandbox.dsv('branch')).out).toBe('* main\n')
    await sandbox.dsv('undo')
    expect(sandbox.read('street/Annotations/a.xml')).toContain('kitten')
    expect((await sandbox.dsv('branch')).out).toBe('  main\n* other\n')
    expect((await sandbox.dsv('status', '-s')).out).toBe('')
  })
})

describe('dsv reset, dsv restore, dsv stash', () => {
  it('unstage and drop changes', async () => {
    sandbox.write('README.md', 'edited\n')
    await sandbox.dsv('add', '-u')
    expect((await sandbox.dsv('restore', '--staged', 'README.md')).out).toBe('Unstaged README.md\n')
    expect((await sandbox.dsv('status', '-s')).out).toBe(' M README.md\n')
    await sandbox.dsv('add', '-u')
    expect((await sandbox.dsv('reset', 'README.md')).out).toBe('Unstaged README.md\n')
    expect((await sandbox.dsv('restore', 'README.md')).out).toBe('Restored README.md\n')
    expect(sandbox.read('README.md')).toBe('streets\n')
  })

  it('move the branch', async () => {
    await sandbox.dsv('commit', '--allow-empty', '-m', 'x')
    expect((await sandbox.dsv('reset', '--soft', 'HEAD~1')).out).toBe('HEAD is now at <id>\n')
    sandbox.write('README.md', 'edited\n')
    expect((await sandbox.dsv('reset', '--hard')).out).toBe(
      'HEAD is now at <id>, and so are stage and files\n',
    )
    expect(sandbox.read('README.md')).toBe('streets\n')
    await sandbox.dsv('undo')
    expect(sandbox.read('README.md')).toBe('edited\n')
  })

  it('put changes away and bring them back', async () => {
    sandbox.write('README.md', 'edited\n')
    expect((await sandbox.dsv('stash', '-m', 'later')).out).toBe('Put away: later\n')
    expect(sandbox.read('README.md')).toBe('streets\n')
    expect((await sandbox.dsv('stash', 'list')).out).toBe('stash@{0}: later\n')
    expect((await sandbox.dsv('stash', 'pop')).out).toBe('Brought back stash 0 and forgot it.\n')
    expect(sandbox.read('README.md')).toBe('edited\n')
    expect(await sandbox.json('stash', 'list')).toEqual([])
    expect((await sandbox.dsv('stash', 'pop')).exitCode).toBe(1)
  })
})

describe('dsv rm and dsv mv', () => {
  it('remove and rename what is tracked', async () => {
    expect((await sandbox.dsv('rm', '--cached', 'README.md')).out).toBe(
      'Removed 1 file from the stage; they are still on disk.\n',
    )
    expect((await sandbox.dsv('mv', 'street', 'city')).out).toMatch(
      /^Moved \d+ files from street to city\n/u,
    )
    expect((await sandbox.dsv('status', '-s')).out).toBe(
      'A  city\nD  street\nD  README.md\n?? README.md\n',
    )
    expect((await sandbox.dsv('rm', 'nope')).exitCode).toBe(1)
  })
})

describe('dsv log and dsv blame', () => {
  it('find what changed something', async () => {
    writeImage(sandbox, 'd', [['lorry', [5, 5, 20, 30]]])
    await sandbox.dsv('commit', '-am', 'taller lorry')
    sandbox.write('README.md', 'edited\n')
    await sandbox.dsv('commit', '-am', 'words')
    const subjects = async (...argv: readonly string[]): Promise<string> =>
      (await sandbox.dsv('log', '--oneline', ...argv)).out.replaceAll(/<id> (?:\(.*?\) )?/gu, '')
    expect(await subjects()).toBe('words\ntaller lorry\nfirst labels\n')
    expect(await subjects('street')).toBe('taller lorry\nfirst labels\n')
    expect(await subjects('--', 'README.md')).toBe('words\nfirst labels\n')
    expect(await subjects('--item', 'val/d')).toBe('taller lorry\nfirst labels\n')
    expect(await subjects('--where', 'category = "kitten"')).toBe('first labels\n')
    expect(await subjects('HEAD~1..')).toBe('words\n')
    expect(await subjects('--grep', 'lorry')).toBe('taller lorry\n')
    expect((await sandbox.dsv('blame', 'val/d')).out).toBe(
      '<id>  ada  2023-11-14  changed  box lorry  [5 5 15 25]\n',
    )
    expect(await sandbox.json('blame', 'val/d')).toMatchObject([{ change: 'changed' }])
    expect((await sandbox.dsv('log', '--stat', '-n', '1')).out).toContain('M  README.md  -1 byte')
  })
})
