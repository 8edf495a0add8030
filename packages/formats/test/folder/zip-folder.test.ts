import { openFolder, zipFolder } from '@dsv/formats'
import { isDsvError } from '@dsv/store'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ZipEntry, zipBytes } from './zip-bytes.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'dsv-zip-'))
})
afterAll(async () => {
  await rm(root, { recursive: true })
})

async function zipFile(bytes: Uint8Array): Promise<string> {
  const file = path.join(root, 'a.zip')
  await writeFile(file, bytes)
  return file
}

const text = (name: string, body: string): ZipEntry => ({ name, bytes: Buffer.from(body) })

describe('zipFolder', () => {
  it('lists and reads entries, and none of what is no file of the dataset', async () => {
    const file = await zipFile(
      zipBytes([
        text('b/2.txt', 'two'),
        text('b/', ''),
        text('a.txt', 'one'),
        text('__MACOSX/._a.txt', 'x'),
        text('.git/config', 'x'),
        { ...text('link', '/etc/passwd'), mode: 0o120777 },
        { ...text('stored', 'plain'), isStored: true },
      ]),
    )
    const folder = await openFolder(file)
    expect(await folder.list()).toEqual(['a.txt', 'b/2.txt', 'stored'])
    expect(await folder.list('b')).toEqual(['b/2.txt'])
    expect(Buffer.from(await folder.read('b/2.txt')).toString()).toBe('two')
    expect(Buffer.from(await folder.read('stored')).toString()).toBe('plain')
    expect(await folder.has('link')).toBe(false)
    await expect(folder.read('link')).rejects.toMatchObject({ code: 'DSV_FILE_NOT_FOUND' })
    await folder.close()
  })

  it('reads large entries at any offset through a file that it removes', async () => {
    const before = await unzipped()
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251))
    const folder = await zipFolder(await zipFile(zipBytes([{ name: 'a', bytes }])), {
      memoryBytes: 100,
    })
    const open = await folder.open('a')
    expect(open.sizeBytes).toBe(5000)
    expect(Buffer.from(await open.read(4000, 10))).toEqual(bytes.subarray(4000, 4010))
    expect((await open.read(4990, 100)).length).toBe(10)
    await open.close()
    await folder.close()
    expect(await unzipped()).toEqual(before)
  })

  it.each([
    ['leaves the folder', [text('../x', 'x')]],
    ['is absolute', [text('/etc/x', 'x')]],
    ['has a backslash that leads out', [text('..\\x', 'x')]],
  ])('refuses an archive with an entry that %s', async (_, entries) => {
    await expect(zipFolder(await zipFile(zipBytes(entries)))).rejects.toMatchObject({
      code: expect.stringMatching(/^DSV_(?:PATH_UNSAFE|ARCHIVE_INVALID)$/),
    })
  })

  it('refuses claims that are too large', async () => {
    const claim = { ...text('a', 'x'), claimedBytes: 0xffff_fff0 }
    await expect(zipFolder(await zipFile(zipBytes([claim, claim])))).rejects.toMatchObject({
      code: 'DSV_ARCHIVE_INVALID',
    })
    const many = [text('a', '1'), text('b', '2'), text('c', '3')]
    await expect(zipFolder(await zipFile(zipBytes(many)), { maxEntries: 2 })).rejects.toMatchObject(
      { code: 'DSV_ARCHIVE_INVALID' },
    )
  })

  it('stops unpacking at the size that was claimed', async () => {
    const bomb = { name: 'a', bytes: Buffer.alloc(10 * 2 ** 20), claimedBytes: 100 }
    const folder = await zipFolder(await zipFile(zipBytes([bomb])))
    await expect(folder.read('a')).rejects.toMatchObject({ code: 'DSV_ARCHIVE_INVALID' })
    await folder.close()
  })

  it('refuses encrypted entries', async () => {
    const folder = await zipFolder(
      await zipFile(zipBytes([{ ...text('a', 'secret'), isEncrypted: true }])),
    )
    await expect(folder.read('a')).rejects.toMatchObject({ code: 'DSV_ARCHIVE_INVALID' })
    await folder.close()
  })

  it('throws its own errors, or none, whatever the bytes are', async () => {
    const good = zipBytes([text('a.txt', 'hello hello hello'), text('b/c.txt', 'x')])
    const damage = fc.tuple(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }))
    const property = fc.asyncProperty(damage, fc.boolean(), async ([at, put], isCut) => {
      const bytes = Buffer.from(good)
      bytes.set(put.subarray(0, bytes.length - at), at)
      try {
        const folder = await zipFolder(await zipFile(isCut ? bytes.subarray(0, at) : bytes))
        try {
          for (const name of await folder.list()) await folder.read(name)
        } finally {
          await folder.close()
        }
      } catch (error) {
        if (!isDsvError(error)) throw error
      }
    })
    await expect(fc.assert(property, { numRuns: 200 })).resolves.toBeUndefined()
  })
})

async function unzipped(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('dsv-unzip-'))
}
