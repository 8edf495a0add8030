import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => {
  sandbox.close()
})

/** What a command prints on both streams, with its exit code. */
async function said(...argv: readonly string[]): Promise<string> {
  const { exitCode, out, note } = await sandbox.dsv(...argv)
  return `${out}${note}${exitCode}`
}

describe('dsv remote add', () => {
  beforeEach(async () => {
    await sandbox.dsv('init')
  })

  it('says when nothing is there yet', async () => {
    expect(await said('remote', 'add', 'origin', '../shared')).toBe(
      'Remote origin is <base>/shared (empty: the first push begins a repository there)\n0',
    )
    expect(await said('remote', 'add', 'origin', '../shared')).toContain('DSV_REMOTE_EXISTS')
  })

  it('refuses an address or an option that cannot be meant', async () => {
    expect(await said('remote', 'add', 'a', 'nosuch://b')).toContain('DSV_REMOTE_URL_INVALID')
    expect(await said('remote', 'add', 'a', 's3://bucket', '--option', 'endpont=c')).toContain(
      'endpont',
    )
    expect(await said('remote')).toBe('0')
  })

  it('records one that cannot be reached, with a warning unless nobody looked', async () => {
    const url = 'http://127.0.0.1:9/street'
    const added = await said('remote', 'add', 'far', url)
    expect(added).toContain(`Remote far is ${url}\nwarning: far could not be reached: `)
    expect(added).toMatch(/0$/)
    expect(await said('remote', 'add', 'farther', url, '--no-check')).toBe(
      `Remote farther is ${url}\n0`,
    )
    expect(await said('remote')).toBe(`far      ${url}\nfarther  ${url}\n0`)
  })
})

describe('dsv push', () => {
  it('says what is missing', async () => {
    await sandbox.dsv('init')
    await sandbox.dsv('remote', 'add', 'origin', '../shared')
    expect(await said('push')).toContain('There is no commit yet.')
    expect(await said('fetch')).toContain('the first `dsv push`')
  })

  it('says as Git does what changed over there', async () => {
    await commitStreet(sandbox)
    await sandbox.dsv('remote', 'add', 'origin', '../shared')
    await sandbox.dsv('tag', 'v1')
    expect((await sandbox.dsv('push', 'origin', 'main', 'v1')).out).toMatch(
      /^To <base>\/shared\n \* \[new branch\] {2}main\n \* \[new tag\] {2}v1\nPushed 1 commit, .* blobs \(.*\)\n$/,
    )
    sandbox.write('README.md', 'more streets\n')
    await sandbox.dsv('commit', '-am', 'more')
    expect((await sandbox.dsv('push')).out).toContain('To <base>/shared\n   <id>..<id>  main\n')
    await sandbox.dsv('push', 'origin', 'main:old')
    expect((await sandbox.dsv('push', '--delete', 'origin', 'old')).out).toBe(
      'To <base>/shared\n - [deleted]  old (was <id>)\n',
    )
    expect((await sandbox.dsv('push')).out).toBe('origin has everything already.\n')
  })
})

describe('what was imported', () => {
  it('is shown by log, show and blame, with the commit it came from', async () => {
    await commitStreet(sandbox)
    await sandbox.dsv('init', '../user')
    const there = (...argv: readonly string[]): ReturnType<Sandbox['dsv']> =>
      sandbox.dsv('-C', '../user', ...argv)
    await there('import', '../work', 'street', '-o', 'cars')
    await there('commit', '-m', 'import')
    expect((await there('log')).out).toContain(
      '\nImported: cars from street of <base>/work@<id>\n\n    import\n',
    )
    writeImage(sandbox, 'a', [
      ['lorry', [12, 21, 40, 60]],
      ['walker', [1, 1, 5, 9]],
    ])
    await sandbox.dsv('commit', '-am', 'move the lorry')
    await there('update')
    await there('commit', '-m', 'update')
    expect((await there('show', '--stat')).out).toContain(
      '\nUpdated: cars from street of <base>/work@<id>, before <id>\n',
    )
    const blamed = await sandbox.json('-C', '../user', 'blame', 'train/a')
    const [first, second] = await commitsOf('HEAD', 'HEAD~1')
    expect(blamed).toMatchObject([
      { change: 'changed', dataset: 'cars', import: { path: 'cars', commit: first } },
      { change: 'added', import: { commit: second } },
    ])
    expect((await there('blame', 'train/a')).out).toMatch(/from street of <base>\/work@<id>\n/)
    expect(await sandbox.json('-C', '../user', 'log')).toMatchObject([
      { imports: [{ before: second, import: { commit: first, from: 'street' } }] },
      { imports: [{ import: { commit: second } }] },
    ])
  })

  it('says nothing of commits that imported nothing, nor where the record is broken', async () => {
    await commitStreet(sandbox)
    sandbox.write('.dsvimports', 'not JSON')
    await sandbox.dsv('add', '.dsvimports')
    await sandbox.dsv('commit', '-m', 'broken')
    expect(await sandbox.json('log')).toMatchObject([{ imports: [] }, { imports: [] }])
    expect(await sandbox.json('blame', 'val/d')).toMatchObject([{ import: null }])
  })
})

async function commitsOf(...revisions: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = []
  for (const revision of revisions) {
    const shown = await sandbox.json('show', revision, '--name-only')
    if (typeof shown === 'object' && shown !== null && 'commitId' in shown)
      ids.push(String(shown.commitId))
  }
  return ids
}
