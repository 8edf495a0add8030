import { existsSync, renameSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Run, type Sandbox } from './run-cli.ts'
import { commitStreet, writeImage } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await commitStreet(sandbox)
  await sandbox.dsv('remote', 'add', 'origin', '../shared')
  await sandbox.dsv('push')
})
afterEach(() => {
  sandbox.close()
})

/** Runs a command in a folder beside that of the sandbox. */
async function at(name: string, ...argv: readonly string[]): Promise<Run> {
  return sandbox.dsvWith({ folder: path.join(sandbox.folder, '..', name) }, ...argv)
}

function images(name: string): string {
  const file = (id: string): string =>
    path.join(sandbox.folder, '..', name, `street/JPEGImages/${id}.jpg`)
  return ['a', 'b', 'c', 'd'].filter((id) => existsSync(file(id))).join('')
}

/** Edits the annotations of an image and leaves its pixels alone. */
function relabel(name: string, id: string): void {
  const write = (file: string, text: string): void => {
    if (file.endsWith('.xml')) sandbox.write(`../${name}/${file}`, text)
  }
  writeImage({ ...sandbox, write }, id, [['walker', [2, 2, 8, 8]]])
}

describe('dsv clone of a part', () => {
  it('without media commits and pushes what a full clone then has whole', async () => {
    const { dsv } = sandbox
    const cloned = await dsv('clone', '../shared', '../labels', '--media', 'none')
    expect(cloned).toMatchObject({ exitCode: 0, note: '' })
    expect(cloned.out).toContain('4 media files are not here, as this is a partial clone.')
    expect(images('labels')).toBe('')
    expect((await at('labels', 'status')).out).toContain('working tree clean')
    relabel('labels', 'a')
    expect((await at('labels', 'commit', '-am', 'relabel')).exitCode).toBe(0)
    expect((await at('labels', 'push')).out).toMatch(/^Pushed 1 commit, \d+ objects and 1 blob/m)
    expect((await dsv('clone', '../shared', '../full')).exitCode).toBe(0)
    expect(images('full')).toBe('abcd')
    expect((await at('full', 'fsck')).exitCode).toBe(0)
    expect((await at('labels', 'fsck')).exitCode).toBe(0)
  })

  it('has the media that it was asked for, and others later', async () => {
    const { dsv } = sandbox
    await dsv('clone', '../shared', '../part', '--where', 'category = "lorry"')
    expect(images('part')).toBe('ad')
    await at('part', 'restore', 'street/JPEGImages/c.jpg')
    expect(images('part')).toBe('acd')
    const wider = await at('part', 'fetch', '--subset', 'train')
    expect(wider).toMatchObject({ exitCode: 0, note: '', out: 'Nothing is new in origin.\n' })
    expect(images('part')).toBe('abcd')
  })

  it('says what it cannot get, and leaves all as it was', async () => {
    const { dsv, folder } = sandbox
    await dsv('clone', '../shared', '../part', '--media', 'none')
    renameSync(path.join(folder, '../shared'), path.join(folder, '../gone'))
    const run = await at('part', 'checkout', 'HEAD', '-o', '../out', '--format', 'yolo')
    expect(run.exitCode).toBe(1)
    expect(run.note).toContain('4 media files are not here, and origin does not give them')
    expect(run.note).toContain('DSV_MEDIA_UNAVAILABLE')
    expect(existsSync(path.join(folder, '../out'))).toBe(false)
  })

  it('without old commits pulls, pushes and gets them when it is told', async () => {
    const { dsv } = sandbox
    relabel('work', 'b')
    await dsv('commit', '-am', 'second')
    await dsv('push')
    await dsv('clone', '../shared', '../tip', '--depth', '1')
    expect(images('tip')).toBe('abcd')
    expect((await at('tip', 'log', '--oneline')).out.split('\n')).toHaveLength(2)
    relabel('work', 'c')
    await dsv('commit', '-am', 'third')
    await dsv('push')
    relabel('tip', 'a')
    await at('tip', 'commit', '-am', 'mine')
    expect((await at('tip', 'pull')).exitCode).toBe(0)
    expect((await at('tip', 'push')).exitCode).toBe(0)
    const cut = await at('tip', 'diff', 'HEAD~3', 'HEAD')
    expect(cut.exitCode).toBe(1)
    expect(cut.note).toContain('dsv fetch --unshallow')
    expect((await at('tip', 'fetch', '--unshallow')).out).toMatch(/^Got 1 commit/m)
    expect((await at('tip', 'diff', 'HEAD~3', 'HEAD')).note).toBe('')
  })

  it('refuses what makes no sense', async () => {
    const { dsv } = sandbox
    for (const [wrong, message] of [
      [['--media', 'none', '--subset', 'val'], 'exclude each other'],
      [['--depth', '0'], '--depth takes a number of commits'],
      [['--path', '../elsewhere'], 'is not a path in the repository'],
      [['--where', 'category ='], 'DSV_QUERY_SYNTAX'],
    ] as const) {
      const run = await dsv('clone', '../shared', '../wrong', ...wrong)
      expect(run.exitCode).toBeGreaterThan(0)
      expect(run.note).toContain(message)
      expect(existsSync(path.join(sandbox.folder, '../wrong'))).toBe(false)
    }
    const full = await dsv('fetch', '--unshallow')
    expect(full).toMatchObject({ exitCode: 2 })
    expect(full.note).toContain('no partial clone')
  })
})
