import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { zipArchive } from '../../src/shared/zip-writer.ts'
import { nestedZipFolder } from '../../src/folder/zip-folder.ts'
import { memoryFile } from '@dsv/formats'
import { readAll, readContext } from '../adapter-contract.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { zipBytes } from '../folder/zip-bytes.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('image-zip')
const IMAGE = placeholder({ width: 4, height: 3 })

describe('reading', () => {
  it('takes a zip file that is called like a subset as one, others as default', async () => {
    const folder = memoryFolder([
      ['val.zip', zipBytes([{ name: 'deep/a.png', bytes: IMAGE }])],
      ['x.zip', zipBytes([{ name: 'b.png', bytes: IMAGE }])],
      [
        'y.zip',
        zipBytes([
          { name: 'b.png', bytes: IMAGE, isStored: true },
          { name: 'notes.txt', bytes: Buffer.from('hello') },
        ]),
      ],
    ])
    const { items, losses } = await readAll(adapter, folder)
    expect(items).toMatchObject([
      { subset: 'val', id: 'deep/a', media: [{ path: 'val/deep/a.png', width: 4, height: 3 }] },
      { subset: 'default', id: 'b' },
      { subset: 'default', id: 'b.png' },
    ])
    expect(losses).toEqual([{ what: 'file', where: 'y.zip: notes.txt' }])
  })

  it('reads an archive that is opened as the folder itself', async () => {
    const folder = memoryFolder([['deep/a.png', IMAGE]])
    const { items } = await readAll(adapter, folder)
    expect(items).toMatchObject([{ subset: 'default', id: 'deep/a' }])
  })

  it('gives the bytes of an image as they are', async () => {
    const folder = memoryFolder([['a.zip', zipBytes([{ name: 'a.png', bytes: IMAGE }])]])
    const { items } = await adapter.read(folder, readContext(folder).context)
    for await (const { media } of items) {
      expect(Buffer.from((await media[0]?.content?.()) ?? []).equals(IMAGE)).toBe(true)
    }
  })

  it.each([
    [Buffer.from('no zip'), /a\.zip: The archive a\.zip cannot be read/],
    [
      zipBytes([{ name: '../a.png', bytes: IMAGE }]),
      /invalid relative path|leaves its folder|directory/,
    ],
    [
      zipBytes([{ name: 'a.png', bytes: Buffer.alloc(10), claimedBytes: 2 ** 32 - 1 }]),
      /a\.zip: (?:The file a\.png has 4294967295 bytes|The archive a\.zip)/,
    ],
    [zipBytes([{ name: 'a.png', bytes: IMAGE, isEncrypted: true }]), /encrypted/],
  ])('gives one clear error: %#', async (bytes, message) => {
    const folder = memoryFolder([['a.zip', bytes]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(items).toEqual([])
    expect(problems).toHaveLength(1)
  })

  it('is not sure of archives with annotations', async () => {
    const bytes = zipBytes([
      { name: 'a.png', bytes: IMAGE },
      { name: 'annotations.xml', bytes: Buffer.from('<annotations/>') },
    ])
    const answers = await detectFormat(memoryFolder([['a.zip', bytes]]))
    const answer = answers.find(({ format }) => format === 'image-zip')
    expect(answer?.confidence).toBeLessThan(0.5)
  })
})

describe('zipArchive', () => {
  it('makes a Zip64 file of more entries than 16 bits count', async () => {
    const count = 70_000
    async function* entries(): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
      for (let at = 0; at < count; at++) yield { name: `${at}.png`, bytes: Uint8Array.of(at % 256) }
    }
    const pieces: Uint8Array[] = []
    for await (const piece of zipArchive(entries())) pieces.push(piece)
    const zip = await nestedZipFolder(memoryFile(Buffer.concat(pieces)), 'a.zip')
    expect(await zip.list()).toHaveLength(count)
    expect([...(await zip.read('69999.png'))]).toEqual([69_999 % 256])
    await zip.close()
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('image_zip')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]?.format).toBe('image-zip')
    const { items } = await readAll(adapter, folder)
    expect(comparableItems(items, [])).toEqual(factItems(fact))
  })
})
