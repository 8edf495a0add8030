import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { detectFormat, openPreview } from '@dsv/formats'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dsv-preview-'))
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

async function fill(under: string, count: number, extension: string): Promise<void> {
  await mkdir(path.join(folder, under), { recursive: true })
  for (let index = 0; index < count; index++) {
    const name = `${String(index).padStart(6, '0')}${extension}`
    await writeFile(path.join(folder, under, name), '')
  }
}

describe('openPreview', () => {
  it('lists the first files of each kind, and opens every other by its path', async () => {
    await fill('images', 300, '.jpg')
    await fill('images', 2, '.txt')
    await writeFile(path.join(folder, 'images/zzz.jpg'), 'last')
    const preview = await openPreview(folder)
    const files = await preview.list()
    expect(files).toHaveLength(202)
    expect(files).not.toContain('images/zzz.jpg')
    expect(await preview.isComplete()).toBe(false)
    expect(await preview.has('images/zzz.jpg')).toBe(true)
    expect(Buffer.from(await preview.read('images/zzz.jpg')).toString()).toBe('last')
  })

  it('looks into the first folders of many, and says so', async () => {
    for (let index = 0; index < 510; index++) {
      const inside = path.join(folder, `f${String(index).padStart(3, '0')}`)
      await mkdir(inside)
      await writeFile(path.join(inside, 'a.txt'), '')
    }
    const preview = await openPreview(folder)
    expect(await preview.list()).toHaveLength(500)
    expect(await preview.isComplete()).toBe(false)
  })

  it('takes numbers behind the dot for one kind', async () => {
    await mkdir(path.join(folder, 'scans'))
    for (let index = 0; index < 1000; index++)
      await writeFile(path.join(folder, `scans/scan.${index}`), '')
    const preview = await openPreview(folder)
    expect((await preview.list()).length).toBeLessThan(701)
    expect(await preview.isComplete()).toBe(false)
  })

  it('leads out of the folder by no path and no link', async () => {
    await fill('inside', 1, '.txt')
    await mkdir(path.join(folder, 'root/.git'), { recursive: true })
    await writeFile(path.join(folder, 'root/.git/config'), '')
    await symlink(path.join(folder, 'inside/000000.txt'), path.join(folder, 'root/link.txt'))
    const preview = await openPreview(path.join(folder, 'root'))
    expect(await preview.list()).toEqual([])
    for (const name of ['../inside/000000.txt', 'link.txt', '.git/config', 'a\0b', '']) {
      expect(await preview.has(name)).toBe(false)
      await expect(preview.open(name)).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
    }
  })
})

describe('detectFormat of a large folder', () => {
  it('opens no more than the first files of each kind', async () => {
    const files = Array.from({ length: 5000 }, (_, index) => `a/${10_000 + index}.json`)
    const opened = new Set<string>()
    await detectFormat({
      list: async () => files,
      has: async (file) => files.includes(file),
      read: async () => Buffer.from('{}'),
      open: async (file) => {
        opened.add(file)
        return { sizeBytes: 2, read: async () => Buffer.from('{}'), close: async () => {} }
      },
    })
    expect(opened.size).toBeGreaterThan(0)
    expect(opened.size).toBeLessThanOrEqual(200)
  })
})
