import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter, resolveFormatName } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { decodePng, encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('kitti')
const IMAGE = placeholder({ width: 1242, height: 375 })
const LINES =
  'Pedestrian 0.25 2 -0.20 712.40 143.00 810.73 307.92 1.89 0.48 1.20 1.84 1.47 8.41 0.01\n' +
  'DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10\n' +
  'Car 1.0 3 -1 0 1 2 3 -1 -1 -1 -1 -1 -1 -1 0.5\n'

function labels(text: string): MemoryFolder {
  return memoryFolder([
    ['training/image_2/000000.png', IMAGE],
    ['training/label_2/000000.txt', text],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads lines of objects with levels, angles and places in space', async () => {
    const { items, schema } = await readAll(adapter, labels(LINES))
    expect(schema.categories.map(({ name }) => name)).toEqual(['Pedestrian', 'DontCare', 'Car'])
    expect(truth(items[0])).toEqual([
      {
        type: 'box',
        x: 712.4,
        y: 143,
        width: 98.33,
        height: 164.92000000000002,
        category: 'Pedestrian',
        truncated: true,
        occluded: true,
        attributes: {
          truncation: 0.25,
          occlusion: 2,
          alpha: -0.2,
          dimensions: [1.89, 0.48, 1.2],
          location: [1.84, 1.47, 8.41],
          rotation_y: 0.01,
        },
      },
      { type: 'box', x: 503.89, y: 169.71, width: 86.72, height: 20.42, category: 'DontCare' },
      {
        type: 'box',
        x: 0,
        y: 1,
        width: 2,
        height: 2,
        category: 'Car',
        truncated: true,
        attributes: { occlusion: 3 },
        score: 0.5,
      },
    ])
  })

  it('is written with the same numbers', async () => {
    const read = await readAll(adapter, labels(LINES))
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const text = Buffer.from(await folder.read('training/label_2/000000.txt')).toString()
    expect(text.split('\n').slice(0, 2)).toEqual([
      'Pedestrian 0.25 2 -0.2 712.4 143 810.73 307.92 1.89 0.48 1.2 1.84 1.47 8.41 0.01',
      'DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10',
    ])
    expect((await readAll(adapter, folder)).items).toEqual(read.items)
  })

  it('reads objects of images of numbers, in one dataset with boxes', async () => {
    const folder = labels(LINES)
    const data = Uint16Array.of(26 * 256 + 1, 26 * 256 + 2, 26 * 256, 7 * 256, 0)
    const png = encodePng({ width: 5, height: 1, bitDepth: 16, colorType: 0, data })
    await folder.write('training/instance/000000.png', png)
    const read = await readAll(adapter, folder)
    expect(truth(read.items[0]).slice(0, 4)).toMatchObject([
      { type: 'mask', category: 'road', sourceId: 7 * 256 },
      { type: 'mask', category: 'car', sourceId: 26 * 256, crowd: true },
      { type: 'mask', category: 'car', sourceId: 26 * 256 + 1 },
      { type: 'mask', category: 'car', sourceId: 26 * 256 + 2 },
    ])
    expect(truth(read.items[0])).toHaveLength(7)
    expect(read.schema.categories).toHaveLength(38)
    const items = read.items.map((item) => ({
      ...item,
      media: item.media.map((medium) => ({ ...medium, width: 5, height: 1 })),
    }))
    const view = memoryDatasetView(read.schema, items, read.layout)
    const written = await writeAll(adapter, view)
    expect(written.losses).toEqual([])
    expect((await readAll(adapter, written.folder)).items).toEqual(items)
    const semantic = await written.folder.read('training/semantic/000000.png')
    expect([...decodePng(semantic).data]).toEqual([26, 26, 26, 7, 0])
  })

  it('keeps the right image, the points and the calibration with an item', async () => {
    const folder = labels(LINES)
    await folder.write('training/velodyne/000000.bin', new Uint8Array(16))
    await folder.write('training/calib/000000.txt', Buffer.from('P0: 1\n'))
    await folder.write('training/image_3/000000.png', IMAGE)
    const read = await readAll(adapter, folder)
    expect(read.items[0]?.media.map(({ role, kind }) => [role, kind])).toEqual([
      ['primary', 'image'],
      ['right', 'image'],
      ['velodyne', 'point-cloud'],
      ['calib', 'other'],
    ])
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const written = await writeAll(adapter, view)
    expect(written.losses).toEqual([])
    expect([...written.folder.files.keys()].toSorted()).toEqual([...folder.files.keys()].toSorted())
  })

  it.each([
    ['Car 0 0 1 2 3', /line 1: "Car 0 0 1 2 3" is no class and 14 or 15 numbers/],
    [`${LINES}Car x 0 0 0 1 2 3 1 1 1 1 1 1 1`, /line 4/],
    [`${LINES}Car nan 0 0 0 1 2 3 1 1 1 1 1 1 1`, /line 4/],
  ])('names the line that is wrong: %#', async (text, message) => {
    await expect(readAll(adapter, labels(text))).rejects.toThrow(message)
    const { problems } = await readAll(adapter, labels(text), { onError: 'skip' })
    expect(problems).toHaveLength(1)
  })
})

describe('writing', () => {
  it('gives classes of several words one word, and a list to read them by', async () => {
    const box = { type: 'box', x: 0, y: 0, width: 1, height: 1 } as const
    const names = ['traffic lamp', 'traffic_lamp']
    const schema = {
      categories: names.map((name) => ({ key: name, name })),
      attributes: [],
      info: {},
    }
    const item: SourceItem = {
      subset: 'training',
      id: '1',
      media: [{ role: 'primary', path: '1.png', kind: 'image' }],
      layers: { ground_truth: names.map((category) => ({ ...box, category })) },
    }
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, [item]))
    expect(losses).toEqual([])
    const text = Buffer.from(await folder.read('training/label_2/1.txt')).toString()
    expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'traffic_lamp_',
      'traffic_lamp',
      '',
    ])
    expect(
      truth((await readAll(adapter, folder)).items[0]).map(({ category }) => category),
    ).toEqual(names)
  })

  it('is called by the names of its parts too', () => {
    expect(['kitti_detection', 'kitti3d'].map(resolveFormatName)).toEqual(['kitti', 'kitti'])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('kitti_detection')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'kitti' })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
    expect(
      items.flatMap(truth).map(({ truncated, occluded }) => ({ truncated, occluded })),
    ).toEqual(
      fact.items.flatMap(({ annotations }) => annotations.map(({ attributes }) => attributes)),
    )
  })
})
