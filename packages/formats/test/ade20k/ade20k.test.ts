import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodePng } from '../../src/media/png.ts'
import { encodeMaskPng } from '../../src/shared/mask-png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableMasks, factMasks, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('ade20k')
const IMAGE = placeholder({ width: 3, height: 1 })

/** Class and object of each pixel: red, green, blue. */
function seg(...data: readonly number[]): Uint8Array {
  return encodePng({ width: 3, height: 1, bitDepth: 8, colorType: 2, data: Uint8Array.from(data) })
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

function release2017(text: string): MemoryFolder {
  return memoryFolder([
    ['images/training/b/1.jpg', IMAGE],
    ['images/training/b/1_seg.png', seg(10, 5, 40, 10, 5, 90, 10, 5, 90)],
    ['images/training/b/1_parts_1.png', seg(0, 0, 0, 0, 7, 3, 0, 0, 0)],
    ['images/training/b/1_atr.txt', text],
  ])
}

const OBJECT = {
  id: 0,
  name: 'car, auto',
  name_ndx: 401,
  raw_name: 'car',
  attributes: ['parked'],
  depth_ordering_rank: 2,
  occluded: 'yes',
  crop: false,
  parts: { hasparts: [1], ispartof: [], part_level: 0 },
  instance_mask: '1/instance_000_1.png',
  polygon: { x: [0, 2, 2], y: [0, 0, 1] },
}

function release2020(...objects: readonly unknown[]): MemoryFolder {
  const json = { annotation: { filename: '1.jpg', scene: ['urban', 'straße'], object: objects } }
  return memoryFolder([
    ['validation/1.jpg', IMAGE],
    ['validation/1_seg.png', seg(10, 5, 40, 10, 5, 90, 10, 5, 90)],
    ['validation/1.json', Buffer.from(JSON.stringify(json), 'latin1')],
    [
      'validation/1/instance_000_1.png',
      encodeMaskPng({ width: 3, height: 1, counts: [1, 2] }, 255),
    ],
  ])
}

describe('reading 2017', () => {
  it('tells objects apart by blue, with their parts, also where no pixel is without object', async () => {
    const folder = release2017(
      '001 # 0 # 0 # sky # sky # ""\n002 # 0 # 1 # car, auto # car # "red, parked"\n' +
        '001 # 1 # 0 # wheel # wheel # ""\n002 # 1 # 0 # wheel # wheel # ""\n',
    )
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'ade20k' })
    const { items, schema, losses } = await readAll(adapter, folder)
    expect(items).toMatchObject([{ subset: 'training', id: 'b/1' }])
    expect(truth(items[0])).toMatchObject([
      { category: 'sky', sourceId: 1, occluded: false, counts: '012' },
      { category: 'car', sourceId: 2, occluded: true, attributes: { red: true, parked: true } },
      { category: 'wheel', sourceId: '1/1', zOrder: 1 },
    ])
    expect(schema.categories[1]).toEqual({
      key: 'car',
      name: 'car',
      extra: { ade20k: { class: 'car, auto' } },
    })
    expect(losses).toEqual([{ what: 'annotation: mask', where: 'training/b/1: wheel 2' }])
  })

  it.each(['1 # 0 # sky # ""', '1 # x # 0 # sky # sky # ""', '1 # 0 # 0 # sky # sky # red'])(
    'names the line that is wrong: %s',
    async (line) => {
      const folder = release2017(`001 # 0 # 0 # sky # sky # ""\n${line}`)
      await expect(readAll(adapter, folder)).rejects.toThrow(/1_atr\.txt.*line 2/)
      const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
      expect([items.length, problems.length]).toEqual([1, 1])
    },
  )
})

describe('reading 2020', () => {
  it('reads the mask of each object, and polygons beside, from Latin-1', async () => {
    const folder = release2020(OBJECT, { ...OBJECT, id: 1, instance_mask: '1/no.png', polygon: {} })
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'ade20k' })
    const { items, schema, losses } = await readAll(adapter, folder)
    const common = {
      category: 'car',
      sourceId: 0,
      occluded: true,
      truncated: false,
      attributes: { parked: true },
      extra: { ade20k: { depth_ordering_rank: 2, parts: OBJECT.parts } },
    }
    expect(items[0]).toMatchObject({
      attributes: { scene: ['urban', 'straße'] },
      layers: {
        ground_truth: [{ type: 'mask', width: 3, height: 1, ...common }],
        polygons: [{ type: 'polygon', parts: [[[0, 0, 2, 0, 2, 1]]], ...common }],
      },
    })
    expect(schema.categories).toMatchObject([{ name: 'car', sourceIds: { ade20k: 401 } }])
    expect(losses).toEqual([{ what: 'annotation: mask', where: 'validation/1: car 1' }])
  })

  it('takes polygons for the truth where there are no masks', async () => {
    const { items } = await readAll(adapter, release2020({ ...OBJECT, instance_mask: '../x.png' }))
    expect(truth(items[0])).toMatchObject([{ type: 'polygon', category: 'car' }])
    expect(items[0]?.layers).not.toHaveProperty('polygons')
  })

  it.each([
    [{ ...OBJECT, id: 'x' }, /object\[0\]\.id should be a whole number/],
    [{ ...OBJECT, polygon: { x: [1], y: [] } }, /polygon should have as many x as y/],
    [7, /object\[0\] should be an object/],
  ])('names the place of what is wrong: %#', async (object, message) => {
    await expect(readAll(adapter, release2020(object))).rejects.toThrow(message)
  })
})

it('is not written', async () => {
  const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
  await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  expect(['ade20k2017', 'ade20k2020'].map(resolveFormatName)).toEqual(['ade20k', 'ade20k'])
})

describe('what Datumaro reads', () => {
  const facts = factsOf('ade20k2017')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'ade20k' })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableMasks(items, schema.categories)).toEqual(factMasks(fact))
    const rest = items.flatMap(truth).map(({ attributes, zOrder }) => ({ attributes, zOrder }))
    expect(rest).toEqual(
      fact.items.flatMap(({ annotations }) =>
        annotations.map(({ attributes, z_order: zOrder }) => ({ attributes, zOrder })),
      ),
    )
  })
})
