import { diskWriter, safePath } from '@dsv/formats'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'dsv-writer-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

const MEDIUM = { role: 'primary', path: 'x', kind: 'image' } as const

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('no more')
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

describe('diskWriter', () => {
  it('writes bytes and streams, making folders, and replaces what was there', async () => {
    const target = path.join(root, 'new')
    const writer = diskWriter(target)
    await writer.write('a/b/c.txt', Buffer.from('old'))
    await writer.write('a/b/c.txt', pieces('n', 'ew'))
    expect(await readFile(path.join(target, 'a/b/c.txt'), 'utf8')).toBe('new')
    expect(await readdir(path.join(target, 'a/b'))).toEqual(['c.txt'])
  })

  it('leaves the old file and nothing else when a stream fails', async () => {
    const writer = diskWriter(root)
    await writer.write('a', Buffer.from('old'))
    await expect(writer.write('a', failing())).rejects.toThrow('no more')
    expect(await readFile(path.join(root, 'a'), 'utf8')).toBe('old')
    expect(await readdir(root)).toEqual(['a'])
  })

  it.each(['../x', '/x', 'a/../../x', 'a//x', '', '.', 'a/.git/x', '.DSV/x', 'a\0b'])(
    'refuses to write %j',
    async (name) => {
      const unsafe = { code: 'DSV_PATH_UNSAFE' }
      await expect(diskWriter(root).write(name, Buffer.from(''))).rejects.toMatchObject(unsafe)
      const placing = diskWriter(root, { placeMedia: async () => {} }).placeMedia(name, MEDIUM)
      await expect(placing).rejects.toMatchObject(unsafe)
      expect(await readdir(root)).toEqual([])
    },
  )

  it('refuses to write through a link that leads out', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'dsv-outside-'))
    await symlink(outside, path.join(root, 'link'))
    await expect(diskWriter(root).write('link/deep/x', Buffer.from(''))).rejects.toMatchObject({
      code: 'DSV_PATH_UNSAFE',
    })
    expect(await readdir(outside)).toEqual([])
    await rm(outside, { recursive: true })
  })

  it('replaces a link by a file instead of writing to where it leads', async () => {
    await mkdir(path.join(root, 'sub'))
    await writeFile(path.join(root, 'target'), 'kept')
    await symlink('../target', path.join(root, 'sub/a'))
    await diskWriter(root).write('sub/a', Buffer.from('new'))
    expect(await readFile(path.join(root, 'target'), 'utf8')).toBe('kept')
  })

  it('places media only when it is told how', async () => {
    const placed: string[] = []
    const placeMedia = async (file: string): Promise<void> => {
      placed.push(path.relative(root, file))
    }
    await diskWriter(root).placeMedia('a/x.png', MEDIUM)
    await diskWriter(root, { placeMedia }).placeMedia('a/x.png', MEDIUM)
    expect(placed).toEqual(['a/x.png'])
  })
})

describe('safePath', () => {
  it('refuses on Windows what cannot be a file there', () => {
    for (const name of ['a/CON', 'nul.txt', 'a:b', 'a\\b', 'a./b', 'a ']) {
      expect(safePath(name, 'linux')).toBe(name)
      expect(() => safePath(name, 'win32')).toThrow(
        expect.objectContaining({ code: 'DSV_PATH_UNSAFE' }),
      )
    }
  })
})
