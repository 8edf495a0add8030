import { diskFolder, openFolder } from '@dsv/formats'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'dsv-folder-'))
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

async function put(name: string, text = name): Promise<void> {
  const file = path.join(root, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
}

describe('diskFolder', () => {
  it('lists all files in order, without .git and .dsv at any depth', async () => {
    for (const name of ['b/c', 'b.txt', 'a', 'b/a/x', '.git/x', 'b/.dsv/x', '.hidden']) {
      await put(name)
    }
    const folder = diskFolder(root)
    expect(await folder.list()).toEqual(['.hidden', 'a', 'b.txt', 'b/a/x', 'b/c'])
    expect(await folder.list('b')).toEqual(['b/a/x', 'b/c'])
    expect(await folder.list('b/a/')).toEqual(['b/a/x'])
    expect(await folder.list('missing')).toEqual([])
    expect(await folder.has('b/c')).toBe(true)
    expect(await folder.has('b')).toBe(false)
  })

  it('reads files whole and in part', async () => {
    await put('a', '0123456789')
    const folder = diskFolder(root)
    expect(Buffer.from(await folder.read('a')).toString()).toBe('0123456789')
    const file = await folder.open('a')
    expect(file.sizeBytes).toBe(10)
    expect(Buffer.from(await file.read(3, 4)).toString()).toBe('3456')
    expect((await file.read(8, 100)).length).toBe(2)
    expect((await file.read(100, 1)).length).toBe(0)
    await file.close()
  })

  it.each(['missing', '../outside', '/etc/passwd', '', '.git/x'])('has no %j', async (name) => {
    await put('.git/x')
    await writeFile(path.join(root, 'a'), '')
    await expect(diskFolder(root).read(name)).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
    await expect(diskFolder(root).open(name)).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
  })

  it('follows links to files inside only', async () => {
    await put('real/a', 'inside')
    await put('.git/secret')
    await symlink(path.join(root, 'real/a'), path.join(root, 'in'))
    await symlink('/etc/hostname', path.join(root, 'out'))
    await symlink(path.join(root, '.git/secret'), path.join(root, 'git'))
    await symlink(path.join(root, 'real'), path.join(root, 'folder'))
    await symlink('loop', path.join(root, 'loop'))
    const folder = diskFolder(root)
    expect(await folder.list()).toEqual(['in', 'real/a'])
    expect(Buffer.from(await folder.read('in')).toString()).toBe('inside')
  })

  it('does not follow a file that became a link out after it was listed', async () => {
    await put('a')
    const folder = diskFolder(root)
    await folder.list()
    await rm(path.join(root, 'a'))
    await symlink('/etc/hostname', path.join(root, 'a'))
    await expect(folder.read('a')).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
  })

  it('says which folder is missing', async () => {
    const missing = path.join(root, 'missing')
    await expect(openFolder(missing)).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
    await expect(diskFolder(missing).list()).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
  })
})
