import type { SourceItem } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { gzipSync } from 'node:zlib'
import { decodePng } from '../../src/media/png.ts'
import { readAll, readContext, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('mnist')

function idx(magic: number, sizes: readonly number[], data: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + sizes.length * 4)
  for (const [at, value] of [magic, ...sizes].entries()) head.writeUInt32BE(value, at * 4)
  return Buffer.concat([head, Buffer.from(data)])
}

const LABELS = idx(0x0801, [2], [3, 255])
const IMAGES = idx(0x0803, [2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])

function fixture(): ReturnType<typeof memoryFolder> {
  return memoryFolder([
    ['MNIST/raw/t10k-labels-idx1-ubyte', LABELS],
    ['MNIST/raw/t10k-labels-idx1-ubyte.gz', gzipSync(LABELS)],
    ['MNIST/raw/t10k-images-idx3-ubyte', IMAGES],
  ])
}

describe('reading', () => {
  it('gives images of any size as PNGs, labels, and no label for 255', async () => {
    const folder = fixture()
    const { items } = await adapter.read(folder, readContext(folder).context)
    const read: SourceItem[] = []
    const pixels: unknown[] = []
    for await (const item of items) {
      read.push(item)
      pixels.push(decodePng((await item.media[0]?.content?.()) as Uint8Array))
    }
    expect(read).toMatchObject([
      { subset: 'test', id: '0', media: [{ width: 3, height: 2, path: 'test/0.png' }] },
      { subset: 'test', id: '1', layers: { ground_truth: [] } },
    ])
    expect(read[0]?.layers['ground_truth']).toEqual([{ type: 'label', category: '3' }])
    expect(pixels).toMatchObject([
      { colorType: 0, data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      { colorType: 0, data: Uint8Array.of(7, 8, 9, 10, 11, 12) },
    ])
  })

  it('knows more classes than digits where labels need them', async () => {
    const folder = memoryFolder([['letters-labels-idx1-ubyte', idx(0x0801, [1], [25])]])
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories).toHaveLength(26)
    expect(items).toMatchObject([{ subset: 'letters', id: '0', media: [] }])
  })

  it.each([
    ['labels', idx(0x0801, [3], [1, 2]), /says that it has 3 labels, but has 2/],
    ['labels', idx(0x0801, [2 ** 32 - 1], [1]), /says that it has 4294967295 labels/],
    ['labels', idx(0x0801, [3], [1, 2, 3]), /2 images, but there are 3 labels/],
    ['labels', idx(0x0802, [2], [1, 2]), /does not begin like an IDX file of labels/],
    ['images', idx(0x0803, [2, 2, 3], [1]), /ends within image 0/],
    ['images', Buffer.concat([IMAGES, Buffer.from([0])]), /goes on after 2 images/],
    ['images', idx(0x0803, [2, 2 ** 31, 2 ** 31], []), /2147483648×2147483648 pixels/],
    ['images', gzipSync(IMAGES).subarray(0, 25), /cannot be unpacked/],
  ])('names what is wrong with %s: %#', async (kind, bytes, message) => {
    const folder = fixture()
    const path = `MNIST/raw/t10k-${kind}-idx${kind === 'labels' ? 1 : 3}-ubyte`
    folder.files.set(path, bytes)
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })

  it('holds little of a file that unpacks to much', async () => {
    const folder = fixture()
    const bomb = gzipSync(Buffer.concat([IMAGES, Buffer.alloc(2 ** 26)]))
    folder.files.set('MNIST/raw/t10k-images-idx3-ubyte', bomb)
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(items).toHaveLength(2)
    expect(problems).toMatchObject([{ message: expect.stringContaining('goes on after 2 images') }])
  })
})

describe('writing', () => {
  it('writes the same bytes where nothing changed, in the order of the numbers', async () => {
    const labels = idx(0x0801, [12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    const images = idx(
      0x0803,
      [12, 28, 28],
      Array.from({ length: 12 * 784 }, () => 0),
    )
    const folder = memoryFolder([
      ['raw/train-labels-idx1-ubyte', labels],
      ['raw/train-images-idx3-ubyte', images],
    ])
    const { schema, items, layout } = await readAll(adapter, folder)
    const again = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    expect(again.losses).toEqual([])
    expect([...again.folder.files.keys()].toSorted()).toEqual([...folder.files.keys()].toSorted())
    for (const [path, bytes] of folder.files) {
      expect(Buffer.compare(Buffer.from(again.folder.files.get(path) ?? []), bytes)).toBe(0)
    }
  })

  it('reports an image that cannot be had, and writes the others', async () => {
    const folder = fixture()
    const { schema, items } = await readAll(adapter, folder)
    const [first, second] = items
    if (first === undefined || second === undefined) throw new Error('two items')
    const gone = { ...first, media: [{ role: 'primary', path: 'a.png', kind: 'other' as const }] }
    const { losses } = await writeAll(adapter, memoryDatasetView(schema, [gone, second]))
    expect(losses).toMatchObject([{ what: 'item', where: expect.stringContaining('kind other') }])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('mnist')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
  })
})
