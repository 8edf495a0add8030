import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { decodePng, encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableMasks, factMasks, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('cityscapes')
const STEM = 'train/ulm/ulm_000000_000019'
const IMAGE = [`leftImg8bit/${STEM}_leftImg8bit.png`, placeholder({ width: 6, height: 1 })] as const

function plane(bitDepth: 8 | 16, ...values: readonly number[]): Uint8Array {
  const data = bitDepth === 16 ? Uint16Array.from(values) : Uint8Array.from(values)
  return encodePng({ width: values.length, height: 1, bitDepth, colorType: 0, data })
}

function files(...own: readonly (readonly [string, string | Uint8Array])[]): MemoryFolder {
  return memoryFolder([
    IMAGE,
    ...own.map(([name, bytes]) => [`gtFine/${STEM}_${name}`, bytes] as const),
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

const POLYGONS = JSON.stringify({
  imgHeight: 1024,
  imgWidth: 2048,
  objects: [
    {
      label: 'road',
      polygon: [
        [0, 1],
        [2, 3.5],
        [4, 5],
      ],
    },
    {
      label: 'cargroup',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      verified: 1,
    },
    {
      label: 'polegroup',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
    {
      label: 'license plate',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
    { label: 'car', polygon: [[9, 9]], deleted: 1 },
  ],
})

describe('reading', () => {
  it('reads objects of instanceIds, which Datumaro drops, and crowds', async () => {
    const { items, schema } = await readAll(
      adapter,
      files(['gtFine_instanceIds.png', plane(16, 26001, 26000, 26, 7, 0, 24000)]),
    )
    expect(items).toMatchObject([{ subset: 'train', id: 'ulm/ulm_000000_000019' }])
    expect(truth(items[0])).toMatchObject([
      { category: 'road', sourceId: 7 },
      { category: 'car', sourceId: 26, crowd: true },
      { category: 'person', sourceId: 24000 },
      { category: 'car', sourceId: 26000 },
      { category: 'car', sourceId: 26001 },
    ])
    expect(truth(items[0])[0]).not.toHaveProperty('crowd')
    expect(schema.categories).toHaveLength(35)
    expect(schema.categories[26]).toEqual({
      key: 'car',
      name: 'car',
      color: [0, 0, 142],
      supercategory: 'vehicle',
      isThing: true,
      sourceIds: { cityscapes: 26 },
    })
  })

  it('reads road, 0 in labelTrainIds, which Datumaro drops', async () => {
    const { items } = await readAll(
      adapter,
      files(['gtFine_labelTrainIds.png', plane(8, 0, 0, 1, 255, 13, 19)]),
    )
    expect(truth(items[0]).map(({ category }) => category)).toEqual(['road', 'sidewalk', 'car'])
  })

  it('reads labelIds where there are no objects', async () => {
    const { items } = await readAll(adapter, files(['gtFine_labelIds.png', plane(8, 7, 26, 0)]))
    expect(truth(items[0])).toMatchObject([{ category: 'road' }, { category: 'car' }])
    expect(truth(items[0])[1]).not.toHaveProperty('crowd')
  })

  it('reads polygons: groups are crowds, deleted ones are reported', async () => {
    const { items, losses } = await readAll(adapter, files(['gtFine_polygons.json', POLYGONS]))
    expect(truth(items[0])).toEqual([
      { type: 'polygon', category: 'road', parts: [[[0, 1, 2, 3.5, 4, 5]]] },
      {
        type: 'polygon',
        category: 'car',
        crowd: true,
        parts: [[[0, 0, 1, 0, 1, 1]]],
        extra: { cityscapes: { verified: 1 } },
      },
      { type: 'polygon', category: 'polegroup', parts: [[[0, 0, 1, 0, 1, 1]]] },
      { type: 'polygon', category: 'license plate', parts: [[[0, 0, 1, 0, 1, 1]]] },
    ])
    expect(losses).toMatchObject([{ what: 'deleted polygons' }])
  })

  it('puts polygons beside masks into a layer of their own, and writes both', async () => {
    const source = files(
      ['gtFine_instanceIds.png', plane(16, 26001, 26000, 7, 7, 7, 7)],
      ['gtFine_polygons.json', POLYGONS],
    )
    const read = await readAll(adapter, source)
    expect(truth(read.items[0])).toHaveLength(3)
    expect(read.items[0]?.layers['polygons']).toHaveLength(4)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect([...folder.files.keys()].toSorted()).toEqual([...source.files.keys()].toSorted())
    expect((await readAll(adapter, folder)).items).toEqual(read.items)
  })

  it('gives fine annotations the way, and keeps what is only coarse', async () => {
    const mask = plane(8, 7)
    const { items, losses, layout, schema } = await readAll(
      adapter,
      memoryFolder([
        [`gtFine/${STEM}_gtFine_labelIds.png`, mask],
        [`gtCoarse/${STEM}_gtCoarse_labelIds.png`, plane(8, 8)],
        ['gtCoarse/val/b_gtCoarse_labelIds.png', mask],
      ]),
    )
    expect(items.map((item) => truth(item)[0]?.category)).toEqual(['road', 'road'])
    expect(losses).toMatchObject([{ what: 'coarse annotations' }])
    const { folder } = await writeAll(adapter, memoryDatasetView(schema, items, layout))
    expect(folder.files.has('gtCoarse/val/b_gtCoarse_labelIds.png')).toBe(true)
  })

  it('takes classes of a file by their place', async () => {
    const folder = files(['gtFine_instanceIds.png', plane(16, 1, 2000, 0)])
    await folder.write('label_colors.txt', Buffer.from('0 0 0 sky\n1 1 1 cat\n2 2 2 dog\n'))
    const { items } = await readAll(adapter, folder)
    expect(truth(items[0]).map(({ category }) => category)).toEqual(['cat', 'dog'])
  })

  it.each([
    ['gtFine_instanceIds.png', plane(16, 7, 35), /pixel \(1, 0\) has value 35/],
    ['gtFine_polygons.json', '{"objects":[{"label":"cat","polygon":[]}]}', /no class "cat"/],
    [
      'gtFine_polygons.json',
      '{"objects":[{"label":"car","polygon":[[1]]}]}',
      /polygon\[0\] should be/,
    ],
    ['gtFine_polygons.json', '{"objects":1}', /objects should be a list/],
  ])('names the place of what is wrong: %s %#', async (name, bytes, message) => {
    await expect(readAll(adapter, files([name, bytes]))).rejects.toThrow(message)
    const { items, problems } = await readAll(adapter, files([name, bytes]), { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })
})

describe('writing', () => {
  it('gives objects without a number the next one, and draws all images alike', async () => {
    const { schema } = await readAll(adapter, files())
    const mask = (category: string, counts: string): AnnotationDraft => ({
      type: 'mask',
      width: 3,
      height: 1,
      counts,
      category,
    })
    const items: SourceItem[] = [
      {
        subset: 'val',
        id: 'a',
        media: [{ role: 'primary', path: 'a.jpg', kind: 'image', width: 3, height: 1 }],
        layers: { ground_truth: [mask('car', '011'), mask('car', '111'), mask('road', '21')] },
      },
    ]
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses).toEqual([])
    const valuesOf = async (kind: string): Promise<readonly number[]> => {
      const path = `gtFine/val/a_gtFine_${kind}.png`
      return [...decodePng(await folder.read(path)).data]
    }
    expect(await valuesOf('instanceIds')).toEqual([26000, 26001, 7])
    expect(await valuesOf('labelIds')).toEqual([26, 26, 7])
    expect(await valuesOf('color')).toEqual([0, 0, 142, 0, 0, 142, 128, 64, 128])
    expect(folder.files.has('leftImg8bit/val/a_leftImg8bit.jpg')).toBe(true)
    expect(folder.files.has('label_colors.txt')).toBe(false)
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('cityscapes')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s, but for spaces in names', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'cityscapes' })
    const { schema, items } = await readAll(adapter, folder)
    const plain = schema.categories.map((each) => ({
      ...each,
      name: each.name.replaceAll(' ', ''),
    }))
    expect(plain.map(({ name }) => name)).toEqual(fact.categories.label?.map(({ name }) => name))
    expect(comparableMasks(items, plain)).toEqual(factMasks(fact))
  })
})
