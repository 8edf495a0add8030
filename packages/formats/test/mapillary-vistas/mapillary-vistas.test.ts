import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, loadAdapter, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('mapillary-vistas')
const IMAGE = placeholder({ width: 3, height: 1 })
const CONFIG = JSON.stringify({
  labels: [
    { name: 'animal--bird', color: [165, 42, 42], instances: true, readable: 'Bird' },
    { name: 'construction--flat--road', color: [128, 64, 128], instances: false },
  ],
})
const INSTANCES = encodePng({
  width: 3,
  height: 1,
  bitDepth: 16,
  colorType: 0,
  data: Uint16Array.of(0, 3, 256),
})
const SEGMENTS = encodePng({
  width: 3,
  height: 1,
  bitDepth: 8,
  colorType: 2,
  data: Uint8Array.of(1, 1, 0, 1, 1, 0, 0, 0, 1),
})
const PANOPTIC = JSON.stringify({
  images: [{ id: 'a', file_name: 'a.jpg', width: 3, height: 1 }],
  annotations: [
    {
      image_id: 'a',
      file_name: 'a.png',
      segments_info: [
        { id: 257, category_id: 1, iscrowd: 0, area: 2, bbox: [0, 0, 2, 1] },
        { id: 65_536, category_id: 2, iscrowd: 1 },
      ],
    },
  ],
  categories: [
    { id: 1, name: 'animal--bird', supercategory: 'animal', isthing: 1, color: [1, 2, 3] },
    { id: 2, name: 'construction--flat--road', supercategory: 'construction', isthing: 0 },
  ],
})
const POLYGONS = JSON.stringify({
  width: 3,
  height: 1,
  objects: [
    {
      label: 'animal--bird',
      polygon: [
        [0, 0],
        [1.5, 0],
        [1, 1],
      ],
    },
  ],
})

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads objects of 2.0, and beside them panoptic segments and polygons', async () => {
    const folder = memoryFolder([
      ['config_v2.0.json', CONFIG],
      ['training/images/a.jpg', IMAGE],
      ['training/v2.0/instances/a.png', INSTANCES],
      ['training/v2.0/panoptic/panoptic_2020.json', PANOPTIC],
      ['training/v2.0/panoptic/a.png', SEGMENTS],
      ['training/v2.0/polygons/a.json', POLYGONS],
      ['training/v1.2/instances/a.png', INSTANCES],
    ])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'mapillary-vistas' })
    const { items, schema, losses } = await readAll(adapter, folder)
    expect(items).toMatchObject([{ subset: 'training', id: 'a' }])
    expect(schema.categories).toEqual([
      {
        key: 'animal--bird',
        name: 'animal--bird',
        color: [165, 42, 42],
        isThing: true,
        extra: { 'mapillary-vistas': { readable: 'Bird' } },
        sourceIds: { 'mapillary-vistas': 0 },
      },
      {
        key: 'construction--flat--road',
        name: 'construction--flat--road',
        color: [128, 64, 128],
        isThing: false,
        sourceIds: { 'mapillary-vistas': 1 },
      },
    ])
    expect(truth(items[0])).toMatchObject([
      { type: 'mask', category: 'animal--bird', sourceId: 0 },
      { type: 'mask', category: 'animal--bird', sourceId: 3 },
      { type: 'mask', category: 'construction--flat--road', sourceId: 256 },
    ])
    expect(items[0]?.layers['panoptic']).toMatchObject([
      { segmentId: 257, category: 'animal--bird', area: 2, box: [0, 0, 2, 1], crowd: false },
      { segmentId: 65_536, category: 'construction--flat--road', crowd: true },
    ])
    expect(items[0]?.layers['polygons']).toEqual([
      { type: 'polygon', category: 'animal--bird', parts: [[[0, 0, 1.5, 0, 1, 1]]] },
    ])
    expect(losses).toEqual([{ what: 'version', where: 'v1.2' }])
  })

  it('reads one subset without configuration by the official classes', async () => {
    const data = Uint16Array.of(55 * 256, 55 * 256 + 1, 65 * 256)
    const png = encodePng({ width: 3, height: 1, bitDepth: 16, colorType: 0, data })
    const { items, schema } = await readAll(
      adapter,
      memoryFolder([
        ['images/a.jpg', IMAGE],
        ['v1.2/instances/a.png', png],
      ]),
    )
    expect(schema.categories).toHaveLength(66)
    expect(items).toMatchObject([{ subset: 'default', id: 'a' }])
    expect(truth(items[0]).map(({ category }) => category)).toEqual([
      'object--vehicle--car',
      'object--vehicle--car',
      'void--unlabeled',
    ])
  })

  it('reads panoptic segments alone with their categories', async () => {
    const { items, schema } = await readAll(
      adapter,
      memoryFolder([
        ['validation/images/a.jpg', IMAGE],
        ['validation/v1.2/panoptic/panoptic_2018.json', PANOPTIC],
        ['validation/v1.2/panoptic/a.png', SEGMENTS],
      ]),
    )
    expect(schema.categories.map(({ name, supercategory }) => [name, supercategory])).toEqual([
      ['animal--bird', 'animal'],
      ['construction--flat--road', 'construction'],
    ])
    expect(truth(items[0])).toMatchObject([{ segmentId: 257 }, { segmentId: 65_536 }])
  })

  it.each([
    ['v2.0/polygons/a.json', '{"objects":[{"label":"x","polygon":[]}]}', /there is no class "x"/],
    ['v2.0/instances/a.png', 'not a png', /is not a PNG image/],
    [
      'v2.0/panoptic/panoptic_2020.json',
      PANOPTIC.replace('"a.png"', '"b.png"'),
      /record of a\.file_name names no file/,
    ],
  ])('names the place of what is wrong: %s', async (path, bytes, message) => {
    const folder = memoryFolder([
      ['images/a.jpg', IMAGE],
      [path, bytes],
    ])
    await expect(readAll(adapter, folder)).rejects.toThrow(message)
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
    expect(resolveFormatName('mapillary_vistas_panoptic')).toBe('mapillary-vistas')
  })
})
