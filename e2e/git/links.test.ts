import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const DSV = fileURLToPath(new URL('../../packages/cli/bin/dsv.js', import.meta.url))
// Each journey runs dsv some twenty times.
jest.setTimeout(120_000)

const hasGit = spawnSync('git', ['--version']).status === 0
if (!hasGit) process.stderr.write('Git is not installed: no journey with links.\n')
const withGit = hasGit ? describe : describe.skip

let sandbox: Sandbox
beforeEach(() => {
  sandbox = openSandbox()
})
afterEach(() => sandbox[Symbol.dispose]())

interface GitRun {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/** Runs Git in a folder of the sandbox, with its own home. */
function tryGit(folder: string, ...args: readonly string[]): GitRun {
  const home = path.join(sandbox.folder, 'home')
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: path.join(sandbox.folder, folder),
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, '.config'),
      GIT_CONFIG_NOSYSTEM: '1',
      DSV_AUTHOR_NAME: 'Ada',
      DSV_AUTHOR_EMAIL: 'ada@example.org',
    },
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

function git(folder: string, ...args: readonly string[]): string {
  const { status, out, err } = tryGit(folder, ...args)
  if (status !== 0) throw new Error(`git ${args.join(' ')} gave ${status}: ${out}${err}`)
  return out
}

async function dsv(folder: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await sandbox.run(args, { cwd: folder })
  if (exitCode !== 0) throw new Error(`dsv ${args.join(' ')} gave ${exitCode}: ${stderr}`)
  return stdout
}

/** Relabels `a` as van on main, and the given image as bus on the branch `fix`, of Git and of dsv; ends on Git's main. */
async function editApart(id: string, xmin: number): Promise<void> {
  git('work', 'branch', 'fix')
  write('work', 'a', 'van', 13)
  await save('work', 'relabel a')
  git('work', 'checkout', '-q', 'fix')
  await dsv('work', 'git', 'sync', 'street.dsvlink')
  await dsv('work', 'switch', '-c', 'fix')
  write('work', id, 'bus', xmin)
  await save('work', `relabel ${id} as bus`, 'fix')
  git('work', 'checkout', '-q', 'main')
}

/** Writes an image of the VOC dataset `street` with one box. */
function write(folder: string, id: string, name: string, xmin: number): void {
  const at = (file: string): string => path.join(sandbox.folder, folder, 'street', file)
  for (const each of ['JPEGImages', 'Annotations', 'ImageSets/Main'])
    mkdirSync(at(each), { recursive: true })
  writeFileSync(at(`JPEGImages/${id}.jpg`), `pixels of ${id}`)
  const box = `<xmin>${xmin}</xmin><ymin>21</ymin><xmax>90</xmax><ymax>60</ymax>`
  writeFileSync(
    at(`Annotations/${id}.xml`),
    `<annotation><filename>${id}.jpg</filename><size><width>100</width><height>100</height><depth>3</depth></size><object><name>${name}</name><bndbox>${box}</bndbox></object></annotation>\n`,
  )
}

function read(folder: string, file: string): string {
  return sandbox.read(path.join('..', folder, file))
}

/** Commits what was edited with dsv, pushes it, links it, and commits the link with Git. */
async function save(folder: string, message: string, branch = 'main'): Promise<void> {
  await dsv(folder, 'add', 'street')
  await dsv(folder, 'commit', '-m', message)
  await dsv(folder, 'push', 'origin', branch)
  await dsv(folder, 'git', 'link', 'street')
  git(folder, 'add', '.')
  git(folder, 'commit', '-qm', message)
}

/** Tells Git about links, as the documentation says. */
function teach(folder: string): void {
  const own = `"${process.execPath}" "${DSV}" git`
  git(folder, 'config', 'merge.dsvlink.driver', `${own} merge-driver %O %A %B %P`)
  git(folder, 'config', 'diff.dsvlink.textconv', `${own} textconv`)
  git(folder, 'config', 'user.name', 'Ada')
  git(folder, 'config', 'user.email', 'ada@example.org')
}

/** A project in Git with a dataset in dsv: two images, linked. */
async function project(): Promise<void> {
  git('work', 'init', '-q', '-b', 'main')
  teach('work')
  sandbox.write('.gitattributes', '*.dsvlink merge=dsvlink diff=dsvlink\n')
  sandbox.write('.gitignore', '/street/\n/.dsv/\n')
  for (const id of ['a', 'b']) write('work', id, 'car', 11)
  sandbox.write('street/ImageSets/Main/train.txt', 'a\nb\n')
  await dsv('work', 'init')
  await dsv('work', 'remote', 'add', 'origin', '../registry')
  await save('work', 'first labels')
}

withGit('links between commits of Git and of dsv', () => {
  it('show boxes in git diff, also after another look with git log', async () => {
    await project()
    write('work', 'a', 'van', 13)
    await save('work', 'relabel a')
    const shown = git('work', 'diff', 'HEAD~1', '--', 'street.dsvlink')
    expect(shown).toMatch(/^-\s+box car \[11 21 79 39\] #\w{8}$/mu)
    expect(shown).toMatch(/^\+\s+box van \[13 21 77 39\] #\w{8}$/mu)
    expect(shown.match(/^[-+]\s+box/gmu)).toHaveLength(2)
    expect(git('work', 'log', '-p', '-1', '--', 'street.dsvlink')).toContain('box van')
    // The link is no part of what it links, so all is clean.
    expect(await dsv('work', 'status')).toMatch(/clean|nothing/iu)
    expect(git('work', 'status', '--porcelain')).toBe('')
  })

  it('say what they can where the commit is not here, or the file is none', async () => {
    await project()
    git('', 'clone', '-q', 'work', 'other')
    teach('other')
    const file = path.join(sandbox.folder, 'other', 'street.dsvlink')
    writeFileSync(file, read('other', 'street.dsvlink').replace('street\n', 'streets\n'))
    expect(git('other', 'diff')).toMatch(/^\+dataset streets$/mu)
    expect(git('other', 'diff')).toContain('not here')
    writeFileSync(file, '<<<<<<< ours\n')
    expect(git('other', 'diff')).toContain('+<<<<<<< ours')
  })

  it('bring somebody else to the version of a commit, and on with it', async () => {
    await project()
    git('', 'clone', '-q', 'work', 'other')
    await dsv('other', 'init')
    expect(await dsv('other', 'git', 'sync', 'street.dsvlink')).toContain('Moved main forward')
    expect(read('other', 'street/Annotations/a.xml')).toContain('<xmin>11<')

    write('work', 'a', 'van', 13)
    await save('work', 'relabel a')
    git('other', 'pull', '-q')
    write('other', 'b', 'car', 33)
    expect(await dsv('other', 'git', 'sync', 'street.dsvlink')).toContain('Moved main forward')
    expect(read('other', 'street/Annotations/a.xml')).toContain('<name>van<')
    // An edit that the version does not touch went along.
    expect(read('other', 'street/Annotations/b.xml')).toContain('<xmin>33<')

    write('work', 'b', 'bus', 14)
    await save('work', 'relabel b')
    git('other', 'pull', '-q')
    const refused = await sandbox.run(['git', 'sync', 'street.dsvlink'], { cwd: 'other' })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('DSV_CHECKOUT_WOULD_OVERWRITE')
    expect(read('other', 'street/Annotations/b.xml')).toContain('<xmin>33<')

    await dsv('other', 'commit', '-am', 'mine')
    const left = await dsv('other', 'git', 'sync', 'street.dsvlink')
    expect(left).toContain('on no branch; main stays where it is')
    expect(read('other', 'street/Annotations/b.xml')).toContain('<name>bus<')
    expect(await dsv('other', 'log', '--oneline', 'main')).toContain('mine')
  })

  it('leave no commit behind that only HEAD leads to', async () => {
    await project()
    write('work', 'a', 'van', 13)
    await save('work', 'relabel a')
    git('work', 'checkout', '-q', 'HEAD~1')
    await dsv('work', 'git', 'sync', 'street.dsvlink')
    write('work', 'b', 'bus', 14)
    await dsv('work', 'commit', '-am', 'on no branch')
    git('work', 'checkout', '-q', 'main')
    const refused = await sandbox.run(['git', 'sync', 'street.dsvlink'])
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('DSV_GIT_LINK_UNSAFE')
    expect(read('work', 'street/Annotations/b.xml')).toContain('<name>bus<')
    await dsv('work', 'branch', 'kept')
    expect(await dsv('work', 'git', 'sync', 'street.dsvlink')).toContain(', on main')
  })

  it('merge the boxes of both sides when Git merges', async () => {
    await project()
    await editApart('b', 14)
    await dsv('work', 'git', 'sync', 'street.dsvlink')

    const merged = tryGit('work', 'merge', 'fix')
    expect(`${merged.out}${merged.err}`).toContain('Merged the dataset as')
    expect(merged.status).toBe(0)
    expect(read('work', 'street/Annotations/a.xml')).toContain('<name>van<')
    expect(read('work', 'street/Annotations/b.xml')).toContain('<name>bus<')
    expect(await dsv('work', 'git', 'sync', 'street.dsvlink')).toContain('already')
    expect(await dsv('work', 'log', '--oneline')).toContain('Merge')
    expect(git('work', 'status', '--porcelain')).toBe('')
    // Undone on both sides, nothing is lost.
    git('work', 'reset', '-q', '--hard', 'HEAD~1')
    await dsv('work', 'git', 'sync', 'street.dsvlink')
    expect(read('work', 'street/Annotations/b.xml')).toContain('<name>car<')
  })

  it('take the side that holds the other', async () => {
    await project()
    git('work', 'branch', 'fix')
    write('work', 'a', 'van', 13)
    await save('work', 'relabel a')
    git('work', 'checkout', '-q', 'fix')
    // Fix has the newer version, but by another commit of Git.
    write('work', 'b', 'bus', 14)
    await save('work', 'relabel b')
    git('work', 'checkout', '-q', 'main')
    const newer = git('work', 'show', 'fix:street.dsvlink')
    git('work', 'merge', '-q', 'fix')
    expect(read('work', 'street.dsvlink')).toBe(newer)
  })

  it('leave conflicts to people, in both', async () => {
    await project()
    await editApart('a', 11)
    await dsv('work', 'git', 'sync', 'street.dsvlink')

    const merged = tryGit('work', 'merge', 'fix')
    expect(merged.status).toBe(1)
    expect(merged.err).toContain('1 conflict')
    expect(merged.err).toContain('dsv git link street')
    expect(read('work', 'street.dsvlink')).toMatch(/^<<<<<<< ours\ncommit: /mu)
    expect(git('work', 'diff', '--name-only', '--diff-filter=U')).toBe('street.dsvlink\n')
    expect(git('work', 'ls-files', '--unmerged')).toContain('street.dsvlink')
    await dsv('work', 'resolve', '--theirs', '--all')
    await dsv('work', 'merge', '--continue')
    await dsv('work', 'git', 'link', 'street')
    git('work', 'add', 'street.dsvlink')
    git('work', 'commit', '-qm', 'merged')
    expect(read('work', 'street/Annotations/a.xml')).toContain('<name>bus<')
    expect(await dsv('work', 'git', 'sync', 'street.dsvlink')).toContain('already')
  })

  it('do not merge what lies elsewhere on the disk', async () => {
    await project()
    await editApart('b', 14)
    await dsv('work', 'switch', '--detach', 'main~1')
    const before = await dsv('work', 'log', '--oneline', '--all')
    const merged = tryGit('work', 'merge', 'fix')
    expect(merged.status).toBe(1)
    expect(merged.err).toContain('DSV_GIT_LINK_UNSAFE')
    expect(merged.err).toContain('not merged')
    expect(await dsv('work', 'log', '--oneline', '--all')).toBe(before)
    git('work', 'merge', '--abort')
    await dsv('work', 'git', 'sync', 'street.dsvlink')
    git('work', 'merge', '-q', 'fix')
    expect(read('work', 'street/Annotations/b.xml')).toContain('<name>bus<')
  })
})
