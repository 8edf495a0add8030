import { type AnnotationDraft, maskGeometry, type SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableMasks, factMasks, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('camvid')
const IMAGE = placeholder({ width: 3, height: 2 })

const [VOID, ANIMAL, ROAD, SKY] = [
  [0, 0, 0],
  [64, 128, 64],
  [128, 64, 128],
  [128, 128, 128],
] as const

/** Animal, animal, road / sky, void, road. */
const MASK = encodePng({
  width: 3,
  height: 2,
  bitDepth: 8,
  colorType: 2,
  data: Uint8Array.of(...ANIMAL, ...ANIMAL, ...ROAD, ...SKY, ...VOID, ...ROAD),
})

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

function listed(lines: string, others: Iterable<readonly [string, Uint8Array]> = []): MemoryFolder {
  return memoryFolder([
    ['test.txt', lines],
    ['test/a.png', IMAGE],
    ['testannot/a.png', MASK],
    ...others,
  ])
}

describe('reading', () => {
  it('takes the classes of CamVid where no file names others, and Void is one of them', async () => {
    const { items, schema, layout } = await readAll(
      adapter,
      listed('/test/a.png /testannot/a.png\n'),
    )
    expect(schema.categories).toHaveLength(32)
    expect(truth(items[0]).map(({ category }) => category)).toEqual([
      'Void',
      'Animal',
      'Road',
      'Sky',
    ])
    expect(truth(items[0])[1]).toEqual({
      ...maskGeometry({ width: 3, height: 2, counts: [0, 1, 1, 1, 3] }),
      category: 'Animal',
    })
    expect(layout).toEqual({ version: 1, root: '' })
  })

  it.each([
    '/SegNet/CamVid/test/a.png /SegNet/CamVid/testannot/a.png\n',
    '"/test/a.png" "/testannot/a.png"\r\n',
    'test/a.png testannot/a.png',
  ])('finds images and masks of %j', async (line) => {
    const { items } = await readAll(adapter, listed(line))
    expect(items).toMatchObject([{ id: 'a', subset: 'test', media: [{ path: 'test/a.png' }] }])
    expect(truth(items[0])).toHaveLength(4)
  })

  it('reads names with spaces, with and without quotes', async () => {
    const folder = memoryFolder([
      ['x/b c.png', IMAGE],
      ['xannot/b c.png', MASK],
      ['x.txt', '"/x/b c.png" "/xannot/b c.png"\n'],
      ['y.txt', '/x/b c.png /xannot/b c.png\n'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id, subset }) => `${subset}/${id}`)).toEqual(['x/b c', 'y/b c'])
    expect(items.map((item) => truth(item).length)).toEqual([4, 4])
  })

  it('knows classes of one file by name, and black that none has as no class', async () => {
    const colors = '64 128 64\t\tAnimal farm\n128 64 128 Road\n128 128 128 Sky\n'
    const folder = listed('/test/a.png /testannot/a.png\n', [
      ['label_colors.txt', Buffer.from(colors)],
    ])
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories[0]).toEqual({
      key: 'Animal farm',
      name: 'Animal farm',
      color: [64, 128, 64],
    })
    expect(truth(items[0]).map(({ category }) => category)).toEqual(['Animal farm', 'Road', 'Sky'])
  })

  it('reads masks of indexes, whatever their palette', async () => {
    const mask = (colorType: 0 | 3): Uint8Array =>
      encodePng({
        width: 3,
        height: 1,
        bitDepth: 8,
        colorType,
        ...(colorType === 3 && { palette: Uint8Array.of(9, 9, 9, 8, 8, 8, 7, 7, 7) }),
        data: Uint8Array.of(0, 1, 2),
      })
    const folder = memoryFolder([
      ['dataset_meta.json', '{"label_map":{"0":"cat","1":"dog","2":"cow"}}'],
      ['a.txt', '/a/1.png /aannot/1.png\n/a/2.png /aannot/2.png\n'],
      ['aannot/1.png', mask(0)],
      ['aannot/2.png', mask(3)],
    ])
    const { items } = await readAll(adapter, folder)
    for (const item of items) {
      expect(truth(item).map(({ category }) => category)).toEqual(['cat', 'dog', 'cow'])
    }
  })

  it.each([
    ['/test/a.png /testannot/b.png\n', /names the mask "testannot\/b\.png", which is not there/],
    ['/test/a.png /testannot/a.png\n\n/x y\n', /test\.txt.*line 3: .* does not name an image/],
  ])('names the place of what is wrong, and goes on when told to: %#', async (lines, message) => {
    await expect(readAll(adapter, listed(lines))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, listed(lines), { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })

  it('names the pixel whose colour no class has', async () => {
    const folder = listed('/test/a.png /testannot/a.png\n', [
      ['label_colors.txt', Buffer.from('64 128 64 Animal\n')],
    ])
    await expect(readAll(adapter, folder)).rejects.toThrow(
      /testannot\/a\.png.*pixel \(2, 0\) has colour 128,64,128/,
    )
  })
})

describe('writing', () => {
  const half = { ...maskGeometry({ width: 2, height: 1, counts: [1, 1] }) }
  const item = (drafts: readonly AnnotationDraft[]): SourceItem => ({
    subset: 'train',
    id: '1',
    media: [{ role: 'primary', path: '1.jpg', kind: 'image', width: 2, height: 1 }],
    layers: { ground_truth: drafts },
  })

  it('keeps the classes of CamVid without a file of them', async () => {
    const source = listed('/test/a.png /testannot/a.png\n')
    const read = await readAll(adapter, source)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect([...folder.files.keys()].toSorted()).toEqual([...source.files.keys()].toSorted())
    expect((await readAll(adapter, folder)).items).toEqual(read.items)
  })

  it('gives classes without a colour, and with that of another, one of their own', async () => {
    const schema = {
      categories: [
        { key: 'a', name: 'a', color: [128, 0, 0] as const },
        { key: 'b', name: 'b' },
        { key: 'c', name: 'c', color: [128, 0, 0] as const },
      ],
      attributes: [],
      info: {},
    }
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, []))
    expect(Buffer.from(await folder.read('label_colors.txt')).toString()).toBe(
      '128 0 0 a\n0 128 0 b\n128 128 0 c\n',
    )
    expect(losses).toEqual([{ what: 'category field: color', where: 'c' }])
  })

  it('reports what masks of one plane cannot say', async () => {
    const schema = {
      categories: [
        { key: 'Void', name: 'Void', color: [0, 0, 0] as const },
        { key: 'a', name: 'a' },
      ],
      attributes: [],
      info: {},
    }
    const full = { ...maskGeometry({ width: 2, height: 1, counts: [0, 2] }) }
    const other = { ...maskGeometry({ width: 3, height: 1, counts: [0, 3] }) }
    const lossesOf = async (...drafts: AnnotationDraft[]): Promise<readonly string[]> => {
      const view = memoryDatasetView(schema, [item(drafts)])
      return (await writeAll(adapter, view)).losses.map(({ what }) => what)
    }
    expect(await lossesOf({ ...full, category: 'a', score: 1 })).toEqual(['field: score'])
    expect(await lossesOf({ ...half, category: 'a' })).toEqual(['pixels without label'])
    expect(await lossesOf({ ...half, category: 'a' }, { ...full, category: 'Void' })).toEqual([
      'annotation: mask',
    ])
    expect(await lossesOf({ ...full, category: 'a' }, { ...half, category: 'a' })).toEqual([
      'annotation: mask',
    ])
    expect(await lossesOf(full, { ...other, category: 'a' }, { type: 'label' })).toEqual([
      'annotation: mask',
      'annotation: mask',
      'annotation: label',
    ])
  })

  it('keeps masks apart from images of a subset called like their folder', async () => {
    const schema = { categories: [{ key: 'a', name: 'a' }], attributes: [], info: {} }
    const one = item([{ ...half, category: 'a' }])
    const view = memoryDatasetView(schema, [one, { ...one, subset: 'trainannot' }])
    const { folder } = await writeAll(adapter, view)
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ subset }) => subset)).toEqual(['train', 'trainannot'])
    expect(items.map((each) => truth(each).length)).toEqual([1, 1])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('camvid')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'camvid' })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableMasks(items, schema.categories)).toEqual(factMasks(fact))
  })
})
