import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSandbox, type Sandbox } from './run-cli.ts'
import { commitStreet, writeStreet } from './street-dataset.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = openSandbox()
  await commitStreet(sandbox)
})
afterEach(() => sandbox.close())

describe('dsv ls', () => {
  it('lists datasets, items and files', async () => {
    expect((await sandbox.dsv('ls')).out).toBe(
      'street (voc): 4 items, 3 categories\n  subsets  train 3, val 1\n  layer    ground_truth: 3 items\n',
    )
    expect((await sandbox.dsv('ls', 'street')).out).toBe(
      'train/a  2 annotations\ntrain/b  1 annotation\ntrain/c  0 annotations\nval/d  1 annotation\n',
    )
    expect((await sandbox.dsv('ls', '--where', 'category = "lorry"')).out).toBe(
      'street: train/a  2 annotations\nstreet: val/d  1 annotation\n',
    )
    expect((await sandbox.dsv('ls', 'street', '--count', '--subset', 'train')).out).toBe('3\n')
    expect((await sandbox.dsv('ls', '--files', 'street/ImageSets')).out).toBe(
      'street/ImageSets/Main/train.txt\nstreet/ImageSets/Main/val.txt\n',
    )
    expect(await sandbox.json('ls', 'street', '-n', '1')).toMatchObject([{ item: { id: 'a' } }])
    expect(await sandbox.json('ls')).toMatchObject([{ path: 'street', items: 4 }])
    expect(await sandbox.json('ls', '--files')).toHaveLength(12)
  })

  it('warns of a category that nothing has', async () => {
    expect(await sandbox.dsv('ls', 'street', '--where', 'category = "lory"')).toMatchObject({
      exitCode: 0,
      out: '',
      note: expect.stringContaining('warning: '),
    })
  })
})

describe('dsv cat', () => {
  it('prints files and items of a version', async () => {
    sandbox.write('README.md', 'edited\n')
    await sandbox.dsv('commit', '-am', 'edit')
    expect((await sandbox.dsv('cat', 'README.md')).out).toBe('edited\n')
    expect((await sandbox.dsv('cat', 'README.md', '--at', 'HEAD~1')).out).toBe('streets\n')
    expect((await sandbox.dsv('cat', 'HEAD~1:README.md')).out).toBe('streets\n')
    expect(JSON.parse((await sandbox.dsv('cat', '--item', 'train/a')).out)).toMatchObject({
      id: 'a',
      layers: { ground_truth: [{ category: 'lorry' }, { category: 'walker' }] },
    })
    expect((await sandbox.dsv('cat')).exitCode).toBe(2)
    expect((await sandbox.dsv('cat', 'nope')).exitCode).toBe(1)
  })
})

describe('dsv checkout', () => {
  it('exports a version in another format, and says what is lost', async () => {
    const { exitCode, out } = await sandbox.dsv(
      'checkout',
      'main',
      '--format',
      'coco',
      '-o',
      '../out',
    )
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^Wrote 4 items with 4 annotations to \.\.\/out as coco \(\d+ files\)\.\n/u)
    expect(existsSync(path.join(sandbox.folder, '../out/annotations'))).toBe(true)
    expect((await sandbox.dsv('checkout', 'main', '-o', '../out')).exitCode).toBe(1)
    expect((await sandbox.dsv('status', '-s')).out).toBe('')
  })

  it('exports only what matches', async () => {
    expect(
      (
        await sandbox.dsv(
          'checkout',
          'HEAD',
          '--format',
          'yolo',
          '-o',
          '../out',
          '--where',
          'category = "kitten"',
        )
      ).out,
    ).toMatch(/^Wrote 1 item with 1 annotation to/u)
  })

  it('rewrites a dataset in place, and back to the same bytes', async () => {
    const before = sandbox.read('street/Annotations/a.xml')
    expect((await sandbox.dsv('checkout', '--format', 'yolo', 'street')).out).toBe(
      'Dataset street is now in yolo (was voc).\n',
    )
    expect((await sandbox.dsv('status')).out).toBe(
      'On branch main\n\nDataset street is shown in format yolo.\n\nNothing to commit, working tree clean\n',
    )
    await sandbox.dsv('checkout', '--format', 'voc')
    expect(sandbox.read('street/Annotations/a.xml')).toBe(before)
  })

  it('works like switch with a branch, like restore with paths', async () => {
    expect((await sandbox.dsv('checkout', '-b', 'fix')).out).toMatch(/^Switched to new branch fix/u)
    expect((await sandbox.dsv('checkout', 'main')).out).toMatch(/^Switched to branch main/u)
    sandbox.write('README.md', 'edited\n')
    expect((await sandbox.dsv('checkout', '--', 'README.md')).out).toBe('Restored README.md\n')
    expect(sandbox.read('README.md')).toBe('streets\n')
    expect((await sandbox.dsv('checkout', 'HEAD')).out).toMatch(/^HEAD is now detached/u)
    expect((await sandbox.dsv('checkout', 'nope')).exitCode).toBe(1)
  })
})

describe('dsv convert, dsv detect, dsv formats', () => {
  it('work without a repository', async () => {
    const alone = openSandbox()
    try {
      writeStreet(alone)
      expect((await alone.dsv('detect', 'street')).out).toMatch(/^voc +9\d %/u)
      expect((await alone.dsv('convert', 'street', 'out', '--to', 'yolo')).out).toBe(
        'Wrote 4 items to out as yolo (read as voc).\n',
      )
      expect(await alone.dsv('convert', 'street', 'other', '--to', 'nope')).toMatchObject({
        exitCode: 1,
        note: expect.stringContaining('code: DSV_FORMAT_UNKNOWN'),
      })
      expect(await alone.json('formats')).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: 'coco' })]),
      )
    } finally {
      alone.close()
    }
  })

  it('make one dataset of several, each in its own format', async () => {
    const alone = openSandbox()
    try {
      writeStreet(alone)
      await alone.dsv('convert', 'street', 'other', '--to', 'coco')
      const clash = await alone.dsv('convert', 'street', 'other', 'both', '--to', 'yolo')
      expect(clash.exitCode).toBe(1)
      expect(clash.note).toMatch(/Both \S+street and \S+other have the item /u)
      expect(clash.note).toContain('--prefix')
      const both = ['convert', 'street', 'other', 'both', '--to', 'yolo', '--prefix']
      expect((await alone.dsv(...both)).out).toBe(
        'Wrote 8 items to both as yolo (read as voc, coco).\n',
      )
      expect((await alone.dsv('convert', 'street', '--to', 'yolo')).exitCode).toBe(2)
    } finally {
      alone.close()
    }
  })

  it('exits with 1 when no format fits', async () => {
    sandbox.write('plain/a.txt', 'a')
    expect((await sandbox.dsv('detect', 'plain')).exitCode).toBe(1)
  })

  it('says why a format was chosen, and what the others miss', async () => {
    const alone = openSandbox()
    try {
      writeStreet(alone)
      const { out } = await alone.dsv('detect', 'street', '--why')
      expect(out).toMatch(/^Looked at all \d+ files: .*\d+ \.xml/u)
      expect(out).toContain('\nvoc is chosen: 90 % sure, the next ')
      expect(out).toMatch(/\nDo not fit\n(?:.*\n)* {2}coco +no JSON file\n/u)
    } finally {
      alone.close()
    }
  })

  it('says of formats that are equally sure that one has to be named', async () => {
    const alone = openSandbox()
    try {
      alone.write('all/data.yaml', 'train: images/train\nnames: [a]\n')
      alone.write('all/labels/train/1.txt', '0 0.5 0.5 0.5 0.5\n')
      alone.write('all/annotations/a.json', '{"images": [], "annotations": [], "categories": []}')
      const { out } = await alone.dsv('detect', 'all', '--why')
      expect(out).toContain('coco and yolo are equally sure: name one with `--from` or `--format`.')
    } finally {
      alone.close()
    }
  })
})

describe('dsv config', () => {
  it('sets, lists and takes back', async () => {
    expect(await sandbox.dsv('config', '--global', 'user.name', 'Ada')).toEqual({
      exitCode: 0,
      out: '',
      note: '',
    })
    expect((await sandbox.dsv('config', 'user.name')).out).toBe('Ada\n')
    await sandbox.dsv('config', 'user.name', 'Eve')
    expect((await sandbox.dsv('config', 'user.name')).out).toBe('Eve\n')
    expect((await sandbox.dsv('config', '--global', 'user.name')).out).toBe('Ada\n')
    expect((await sandbox.dsv('config', '--unset', 'user.name')).exitCode).toBe(0)
    expect((await sandbox.dsv('config', '--list')).out).toContain('user.name')
    expect(await sandbox.dsv('config', 'user.nam')).toMatchObject({ exitCode: 1, out: '' })
  })

  it('can be run where settings are broken', async () => {
    sandbox.write('.dsv/local/config.json', '{ "core": { "color": "blue" } }')
    expect((await sandbox.dsv('status')).exitCode).toBe(1)
    expect((await sandbox.dsv('config', 'core.color', 'auto')).exitCode).toBe(0)
    expect((await sandbox.dsv('status')).exitCode).toBe(0)
  })
})

describe('dsv fsck, dsv gc, dsv info', () => {
  it('say that all is well', async () => {
    expect(await sandbox.dsv('fsck', '--full')).toEqual({
      exitCode: 0,
      out: 'The repository is whole.\n',
      note: '',
    })
    expect(await sandbox.json('fsck')).toEqual({ findings: [], repaired: null })
    expect((await sandbox.dsv('gc', '-n')).out).toMatch(/^\d+ objects in use\.\n/u)
    expect(await sandbox.json('gc')).toMatchObject({ deleted: 0 })
    expect((await sandbox.dsv('info')).out).toContain('1 commit, 1 branch, 0 tags\n')
    expect(await sandbox.json('info')).toMatchObject({ commits: 1 })
  })

  it('find what is broken and exit with 1', async () => {
    // Every pack: which of them `status` reads depends on the order of their names.
    sandbox.remove('.dsv/objects/pack')
    const { exitCode, out } = await sandbox.dsv('fsck')
    expect(exitCode).toBe(1)
    expect(out).toContain('error: ')
    expect((await sandbox.dsv('status')).exitCode).toBe(1)
  })
})
