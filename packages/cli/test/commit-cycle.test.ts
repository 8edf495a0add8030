import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage, writeStreet } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox.close())

describe('dsv init', () => {
  it('says where the repository is and which branch it is on', async () => {
    expect(await sandbox.dsv('init', '-b', 'trunk')).toEqual({
      exitCode: 0,
      out: 'Made an empty repository in <base>/work on branch trunk\n',
      note: '',
    })
  })

  it('refuses a second time and names the code', async () => {
    await sandbox.dsv('init')
    expect(await sandbox.dsv('init')).toEqual({
      exitCode: 1,
      out: '',
      note: [
        'error: There is a repository already in <base>/work',
        '  hint: Nothing was changed. See it with `dsv status`.',
        '  code: DSV_REPOSITORY_EXISTS',
        '',
      ].join('\n'),
    })
  })

  it('makes the folder that is named', async () => {
    await sandbox.dsv('init', 'deep/er')
    expect((await sandbox.dsv('-C', 'deep/er', 'status')).exitCode).toBe(0)
  })
})

describe('dsv add', () => {
  it('says how much was added, and what it means', async () => {
    writeStreet(sandbox)
    await sandbox.dsv('init')
    expect(await sandbox.dsv('add', 'street')).toEqual({
      exitCode: 0,
      out: 'Added 11 files (1.0 KB): 4 items of dataset street (voc).\n',
      note: '',
    })
    expect((await sandbox.dsv('add', 'street')).out).toBe(
      'Nothing changed: all of it was staged already.\n',
    )
  })

  it('shows how far it is on a terminal, and nothing of it afterwards', async () => {
    writeStreet(sandbox)
    await sandbox.dsv('init')
    let elapsed = 0
    let screen = ''
    await sandbox.dsvWith(
      {
        isTerminal: true,
        elapsedMs: () => (elapsed += 2000),
        out: (text) => (screen += text),
        note: (text) => (screen += text),
      },
      'add',
      'street',
    )
    expect(screen).toMatch(/storing files|reading annotations/u)
    expect(screen.split('\r').at(-1)).toMatch(/KAdded 11 files \(1\.0 KB\)/u)
  })

  it('goes on without what cannot be read, when asked to', async () => {
    writeStreet(sandbox)
    sandbox.write('street/Annotations/b.xml', '<annotation><object>')
    await sandbox.dsv('init')
    expect(await sandbox.dsv('add', 'street', '--format', 'voc')).toMatchObject({
      exitCode: 1,
      note: expect.stringContaining('code: DSV_FORMAT_SYNTAX'),
    })
    const { exitCode, note } = await sandbox.dsv('add', 'street', '--on-error', 'skip')
    expect(exitCode).toBe(0)
    expect(note).toMatch(/^warning: skipped Annotations\/b\.xml: line 1/mu)
  })

  it('understands paths from where the user is', async () => {
    await commitStreet(sandbox)
    sandbox.write('notes/today.txt', 'x')
    const folder = `${sandbox.folder}/notes`
    expect((await sandbox.dsvWith({ folder }, 'add', 'today.txt')).exitCode).toBe(0)
    expect((await sandbox.dsvWith({ folder }, 'status', '-s')).out).toBe('A  today.txt\n')
    expect((await sandbox.dsv('status', '-s')).out).toBe('A  notes/today.txt\n')
  })

  it('refuses a path outside of the repository', async () => {
    await sandbox.dsv('init')
    expect(await sandbox.dsv('add', '../other')).toMatchObject({
      exitCode: 1,
      note: expect.stringContaining('code: DSV_PATH_OUTSIDE'),
    })
  })

  it('needs something to add', async () => {
    await sandbox.dsv('init')
    expect(await sandbox.dsv('add')).toMatchObject({ exitCode: 2, out: '' })
  })

  it('takes what follows -- as paths, whatever it looks like', async () => {
    await sandbox.dsv('init')
    sandbox.write('--all', 'x')
    expect((await sandbox.dsv('add', '--', '--all')).out).toBe('Added 1 file (1 byte).\n')
  })
})

describe('dsv status', () => {
  it('names what is untracked before anything is staged', async () => {
    writeStreet(sandbox)
    await sandbox.dsv('init')
    expect((await sandbox.dsv('status')).out).toBe(
      [
        'On branch main',
        '',
        'No commits yet',
        '',
        'Untracked files:',
        '  (use "dsv add <path>..." to track them)',
        '        street/',
        '',
        'Nothing is staged for commit, but untracked files are there (use "dsv add" to track them)',
        '',
      ].join('\n'),
    )
  })

  it('sums up staged datasets and counts edited files', async () => {
    await commitStreet(sandbox)
    writeImage(sandbox, 'a', [['van', [11, 21, 40, 70]]])
    await sandbox.dsv('add', '-u')
    writeImage(sandbox, 'd', [])
    sandbox.write('README.md', 'more streets\n')
    expect((await sandbox.dsv('status')).out).toBe(
      [
        'On branch main',
        '',
        'Changes to be committed:',
        '  (use "dsv restore --staged <path>..." to unstage)',
        '        dataset:         street: 1 category added, 1 box removed, 1 box moved, 1 annotation relabelled lorry → van',
        '',
        'Changes not staged for commit:',
        '  (use "dsv add <path>..." to stage them)',
        '  (use "dsv restore <path>..." to drop them)',
        '        dataset:         street: 1 file modified',
        '        modified:        README.md',
        '',
      ].join('\n'),
    )
    expect((await sandbox.dsv('status', '--short')).out).toBe(
      'M  street\n M README.md\n M street/Annotations/d.xml\n',
    )
  })

  it('says when there is nothing', async () => {
    await commitStreet(sandbox)
    expect((await sandbox.dsv('status')).out).toBe(
      'On branch main\n\nNothing to commit, working tree clean\n',
    )
    expect(await sandbox.json('status')).toMatchObject({ isClean: true, unstaged: [] })
  })

  it('exits with 1 outside of a repository', async () => {
    expect(await sandbox.dsv('status')).toMatchObject({
      exitCode: 1,
      out: '',
      note: expect.stringContaining('code: DSV_REPOSITORY_NOT_FOUND'),
    })
  })
})

describe('dsv commit', () => {
  it('names branch, commit and subject', async () => {
    writeStreet(sandbox)
    await sandbox.dsv('init')
    await sandbox.dsv('add', 'street')
    expect((await sandbox.dsv('commit', '-m', 'first', '-m', 'more words')).out).toBe(
      '[main <id>] (first commit) first\n holds 11 files, 1 dataset\n',
    )
    expect((await sandbox.dsv('log')).out).toBe(
      [
        'commit <id> (HEAD, main)',
        'Author: ada <ada@test>',
        'Date:   2023-11-14 22:13:23 +0000',
        '',
        '    first',
        '',
        '    more words',
        '',
      ].join('\n'),
    )
  })

  it('takes the author from options, environment and settings', async () => {
    await commitStreet(sandbox)
    await sandbox.dsv('config', 'user.name', 'Ada L')
    await sandbox.dsv('commit', '--allow-empty', '-m', 'x')
    await sandbox.dsvWith(
      { environment: { DSV_AUTHOR_NAME: 'Eve', DSV_AUTHOR_EMAIL: 'e@x' } },
      'commit',
      '--allow-empty',
      '-m',
      'y',
    )
    await sandbox.dsv('commit', '--allow-empty', '-m', 'z', '--author', 'Bo <b@x>')
    const log = await sandbox.json('log', '-n', '3')
    expect(log).toMatchObject([
      { commit: { author: { name: 'Bo', email: 'b@x' }, committer: { name: 'Ada L' } } },
      { commit: { author: { name: 'Eve', email: 'e@x' } } },
      { commit: { author: { name: 'Ada L', email: 'ada@test' } } },
    ])
  })

  it('keeps the message when it amends without one', async () => {
    await commitStreet(sandbox)
    sandbox.write('README.md', 'edited\n')
    await sandbox.dsv('commit', '-a', '--amend')
    expect((await sandbox.dsv('log', '--oneline')).out).toBe('<id> (HEAD, main) first labels\n')
  })

  it('reads the message from standard input, or from an editor', async () => {
    await commitStreet(sandbox)
    const readInput = async (): Promise<string> => 'from input\n'
    await sandbox.dsvWith({ readInput }, 'commit', '--allow-empty', '-F', '-')
    const { writeFile } = await import('node:fs/promises')
    const edit = async (file: string): Promise<void> => writeFile(file, 'typed\n# left out\n')
    await sandbox.dsvWith({ edit }, 'commit', '--allow-empty')
    expect((await sandbox.dsv('log', '--oneline', '-n', '2')).out).toBe(
      '<id> (HEAD, main) typed\n<id> from input\n',
    )
  })

  it('exits with 2 when it has no message and no terminal', async () => {
    await commitStreet(sandbox)
    expect(await sandbox.dsv('commit', '--allow-empty')).toMatchObject({ exitCode: 2 })
  })

  it('exits with 1 when nothing is staged', async () => {
    await commitStreet(sandbox)
    expect(await sandbox.dsv('commit', '-m', 'again')).toMatchObject({
      exitCode: 1,
      note: expect.stringContaining('There is nothing to commit.'),
    })
  })
})
