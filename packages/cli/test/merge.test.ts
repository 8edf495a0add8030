import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await commitStreet(sandbox)
})
afterEach(() => sandbox.close())

/** On `theirs` and on `main` the same lorry is moved differently; theirs draws a kitten too. */
async function diverge(): Promise<void> {
  await sandbox.dsv('switch', '-c', 'theirs')
  writeImage(sandbox, 'd', [['lorry', [5, 5, 20, 30]]])
  writeImage(sandbox, 'c', [['kitten', [1, 1, 2, 2]]])
  await sandbox.dsv('commit', '-am', 'theirs')
  await sandbox.dsv('switch', 'main')
  writeImage(sandbox, 'd', [['lorry', [5, 5, 30, 20]]])
  await sandbox.dsv('commit', '-am', 'ours')
}

const CONFLICTS = [
  'Conflicts:',
  '  (use "dsv resolve --ours|--theirs|--both <number>..." to settle some, "--all" for all)',
  '  1. street: val/d: box lorry (geometry)',
  '       base:   [5 5 15 15]',
  '       ours:   [5 5 25 15]',
  '       theirs: [5 5 15 25]',
  '',
].join('\n')

describe('dsv merge', () => {
  it('moves forward where it can', async () => {
    await sandbox.dsv('switch', '-c', 'ahead')
    await sandbox.dsv('commit', '--allow-empty', '-m', 'x')
    await sandbox.dsv('switch', 'main')
    expect((await sandbox.dsv('merge', 'ahead')).out).toBe('Fast-forwarded to <id>\n')
    expect((await sandbox.dsv('merge', 'ahead')).out).toBe('Already up to date.\n')
  })

  it('shows conflicts with what each side says, and exits with 1', async () => {
    await diverge()
    expect(await sandbox.dsv('merge', 'theirs')).toEqual({
      exitCode: 1,
      out: `Merged theirs, except for 1 conflict. Everything else is staged.\n${CONFLICTS}`,
      note: '',
    })
    const { out } = await sandbox.dsv('status')
    expect(out).toContain('You are merging, and 1 conflict is open.\n')
    expect(out).toContain('street: 1 box added\n')
    expect(out).toContain(CONFLICTS)
    expect((await sandbox.dsv('status', '-s')).out).toContain('UU street\n')
    expect((await sandbox.dsv('commit', '-m', 'early')).exitCode).toBe(1)
  })

  it('lets conflicts be settled and then concludes', async () => {
    await diverge()
    await sandbox.dsv('merge', 'theirs')
    expect(await sandbox.dsv('resolve', '--theirs', '1')).toEqual({
      exitCode: 0,
      out: 'Settled 1 conflict with theirs. None is left: conclude with `dsv commit`.\n',
      note: '',
    })
    expect((await sandbox.dsv('commit')).out).toMatch(/^\[main <id>\] Merge theirs\n/u)
    expect(sandbox.read('street/Annotations/d.xml')).toContain('<ymax>30</ymax>')
    expect((await sandbox.dsv('status', '-s')).out).toBe('')
  })

  it('settles ahead with -X', async () => {
    await diverge()
    expect((await sandbox.dsv('merge', '-X', 'ours', 'theirs')).out).toBe(
      'Merged theirs as commit <id>\n',
    )
    expect((await sandbox.dsv('log', '--oneline')).out.split('\n')[0]).toBe(
      '<id> (HEAD, main) Merge theirs',
    )
  })

  it('gives up with --abort', async () => {
    await diverge()
    await sandbox.dsv('merge', 'theirs')
    expect((await sandbox.dsv('merge', '--abort')).out).toBe(
      'Gave up the merge. Stage and files are what HEAD holds.\n',
    )
    expect((await sandbox.dsv('status', '-s')).out).toBe('')
    expect((await sandbox.dsv('merge', '--abort')).exitCode).toBe(1)
  })

  it('prints conflicts as JSON', async () => {
    await diverge()
    expect(await sandbox.json('merge', 'theirs')).toMatchObject({
      type: 'conflicts',
      conflicts: [{ kind: 'annotation', where: 'street', key: { subset: 'val', id: 'd' } }],
    })
  })
})

describe('dsv resolve', () => {
  it('needs to know how and which', async () => {
    await diverge()
    await sandbox.dsv('merge', 'theirs')
    expect((await sandbox.dsv('resolve', '--all')).exitCode).toBe(2)
    expect((await sandbox.dsv('resolve', '--ours')).exitCode).toBe(2)
    expect((await sandbox.dsv('resolve', '--ours', '--theirs', '--all')).exitCode).toBe(2)
    expect((await sandbox.dsv('resolve', '--ours', '7')).exitCode).toBe(1)
  })

  it('chooses by query and by path', async () => {
    await diverge()
    await sandbox.dsv('merge', 'theirs')
    const none = await sandbox.dsv('resolve', '--ours', '--where', 'category = "kitten"')
    expect(none.exitCode).toBe(1)
    const other = await sandbox.dsv('resolve', '--ours', 'README.md')
    expect(other.exitCode).toBe(1)
    const some = await sandbox.dsv('resolve', '--ours', 'street', '--where', 'subset = "val"')
    expect(some.exitCode).toBe(0)
  })
})

describe('dsv cherry-pick and dsv revert', () => {
  it('make and take back the change of a commit', async () => {
    await diverge()
    await sandbox.dsv('reset', '--hard', 'HEAD~1')
    expect((await sandbox.dsv('cherry-pick', 'theirs')).out).toBe(
      'Cherry-picked theirs as commit <id>\n',
    )
    expect(sandbox.read('street/Annotations/c.xml')).toContain('kitten')
    expect((await sandbox.dsv('revert', 'HEAD')).out).toBe('Reverted HEAD as commit <id>\n')
    expect(sandbox.read('street/Annotations/c.xml')).not.toContain('kitten')
  })

  it('give up with --abort', async () => {
    await diverge()
    expect((await sandbox.dsv('cherry-pick', 'theirs')).exitCode).toBe(1)
    expect((await sandbox.dsv('cherry-pick', '--abort')).out).toBe(
      'Gave up the cherry-pick. Stage and files are what HEAD holds.\n',
    )
  })
})
