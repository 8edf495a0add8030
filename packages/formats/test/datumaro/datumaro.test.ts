import { type AnnotationDraft, parseCounts, type Schema, type SourceItem } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const datumaro = await loadAdapter('datumaro')

const LABELS = [
  { name: 'car', parent: 'thing', attributes: ['colour'] },
  { name: 'thing', parent: '', attributes: [] },
]

function file(items: readonly object[], more: object = {}): string {
  const categories = {
    label: {
      labels: LABELS,
      label_groups: [{ name: 'g', group_type: 'exclusive', labels: ['car'] }],
    },
    mask: { colormap: [{ label_id: 0, r: 1, g: 2, b: 3 }] },
    points: { items: [{ label_id: 1, labels: ['a', 'b'], joints: [[1, 2]] }] },
  }
  return JSON.stringify({ dm_format_version: '1.0', infos: {}, categories, items, ...more })
}

async function read(
  text: string,
  files: Iterable<readonly [string, string | Uint8Array]> = [],
): Promise<ReadBack> {
  return readAll(datumaro, memoryFolder([['annotations/train.json', text], ...files]))
}

async function draftOf(record: object): Promise<AnnotationDraft | undefined> {
  const { items } = await read(file([{ id: 'a', annotations: [record] }]))
  return items[0]?.layers['ground_truth']?.[0]
}

describe('reading Datumaro', () => {
  it.each<[object, object]>([
    [
      { type: 'bbox', bbox: [1, 2, 3, 4] },
      { type: 'box', x: 1, y: 2, width: 3, height: 4 },
    ],
    [
      { type: 'rotated_bbox', points: [1, 2, 3, 4, 90] },
      { type: 'rotated-box', cx: 1, cy: 2, width: 3, height: 4, angle: Math.PI / 2 },
    ],
    [
      { type: 'ellipse', points: [0, 0, 4, 2] },
      { type: 'ellipse', cx: 2, cy: 1, rx: 2, ry: 1, angle: 0 },
    ],
    [
      { type: 'points', points: [1, 2, 3, 4], visibility: [0, 1] },
      { type: 'points', points: [1, 2, 3, 4], visibility: [0, 1] },
    ],
    [
      { type: 'points', points: [1, 2, 3, 4] },
      { type: 'points', points: [1, 2, 3, 4], visibility: [2, 2] },
    ],
    [
      { type: 'mask', rle: { counts: '0`U1', size: [30, 40] } },
      { type: 'mask', width: 40, height: 30, counts: '0`U1' },
    ],
    [
      { type: 'cuboid_3d', position: [1, 2, 3], rotation: [0, 0, 1], scale: [4, 5, 6] },
      { type: 'cuboid-3d', position: [1, 2, 3], rotation: [0, 0, 1], size: [4, 5, 6] },
    ],
    [
      { type: 'cuboid_2d', points: [0, 1, 2, 3, 4, 5, 6, 7].map((x) => [x, 9]) },
      { type: 'cuboid-2d', points: [0, 9, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9, 7, 9] },
    ],
    [
      { type: 'caption', caption: 'hi', object_id: 3 },
      { type: 'caption', text: 'hi', track: 3 },
    ],
    [
      { type: 'feature_vector', vector: [0.5] },
      { type: 'vector', values: [0.5] },
    ],
    [
      { type: 'tabular', values: { a: 1 } },
      { type: 'tabular', values: { a: 1 } },
    ],
  ])('%j', async (record, expected) => {
    expect(await draftOf(record)).toEqual(expected)
  })

  it('reads attributes that stand for fields as fields, and ids that are unset as none', async () => {
    const attributes = {
      occluded: true,
      is_crowd: false,
      score: 0.5,
      track_id: 7,
      colour: 'red',
      deep: { a: 1 },
    }
    const record = { id: 0, type: 'label', group: 0, object_id: -1, label_id: 0, attributes }
    expect(await draftOf(record)).toEqual({
      type: 'label',
      category: 'car',
      occluded: true,
      crowd: false,
      score: 0.5,
      track: 7,
      attributes: { colour: 'red' },
      extra: { datumaro: { attributes: { deep: { a: 1 } } } },
    })
  })

  it('reads labels with parents, colours and joints that count from 1', async () => {
    const { schema } = await read(file([]))
    expect(schema.categories).toEqual([
      {
        key: 'car',
        name: 'car',
        parent: 'thing',
        color: [1, 2, 3],
        attributes: [{ name: 'colour', type: 'json' }],
      },
      { key: 'thing', name: 'thing', skeleton: { points: ['a', 'b'], edges: [[0, 1]] } },
    ])
    expect(schema.info['datumaro']).toMatchObject({ train: { label_groups: [{ name: 'g' }] } })
  })

  it('tells labels of one name apart by their parents', async () => {
    const labels = [
      { name: 'wheel', parent: 'car' },
      { name: 'wheel', parent: 'bike' },
    ]
    const categories = { label: { labels } }
    const annotations = [{ type: 'label', label_id: 1 }]
    const { schema, items } = await read(file([{ id: 'a', annotations }], { categories }))
    expect(schema.categories.map(({ key, parent }) => [key, parent])).toEqual([
      ['wheel', 'car'],
      ['bike/wheel', 'bike'],
    ])
    expect(items[0]?.layers['ground_truth']).toEqual([{ type: 'label', category: 'bike/wheel' }])
  })

  it('reads images, clouds with their images, frames and videos, each from its folder', async () => {
    const items = [
      { id: 'i', image: { path: 'i.png' } },
      { id: 'p', point_cloud: { path: 'p.pcd' }, related_images: [{ path: 'p/0.png' }] },
      {
        id: 'n',
        point_cloud: { path: 'n.pcd', extra_images: [{ path: 'n/0.png', size: [2, 3] }] },
      },
      { id: 'f', video_frame: { video_path: 'v.mp4', frame_index: 4 } },
      { id: 'v', video: { path: 'v.mp4', step: 2, start_frame: 1 } },
    ]
    const image = placeholder({ width: 5, height: 6 })
    const read5 = await read(file(items), [
      ['images/train/i.png', image],
      ['images/train/p/0.png', image],
      ['point_clouds/train/p.pcd', ''],
      ['videos/train/v.mp4', ''],
    ])
    expect(read5.items.map(({ media }) => media)).toMatchObject([
      [{ path: 'images/train/i.png', kind: 'image', width: 5, height: 6 }],
      [
        { role: 'primary', path: 'point_clouds/train/p.pcd', kind: 'point-cloud' },
        { role: 'related', path: 'images/train/p/0.png', width: 5 },
      ],
      [{ path: 'point_clouds/train/n.pcd' }, { path: 'images/train/n/0.png', width: 3, height: 2 }],
      [{ path: 'videos/train/v.mp4', kind: 'video', frame: { index: 4 } }],
      [{ path: 'videos/train/v.mp4', kind: 'video' }],
    ])
    const view = memoryDatasetView(read5.schema, read5.items, read5.layout)
    const { folder, losses } = await writeAll(datumaro, view)
    expect(losses).toEqual([])
    const byId = (list: readonly SourceItem[]): readonly SourceItem[] =>
      list.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const again = (await readAll(datumaro, folder)).items
    // A cloud that held its images within names them beside it afterwards; they are the same images.
    expect(byId(again).map(({ id, media }) => [id, media.map(({ path }) => path)])).toEqual(
      byId(read5.items).map(({ id, media }) => [id, media.map(({ path }) => path)]),
    )
  })

  it('reads files that have no version, with the subset in the paths', async () => {
    const text = file([{ id: 'a', image: { path: 'train/a.png' } }], {
      dm_format_version: undefined,
    })
    const { items } = await read(text, [['images/train/a.png', placeholder({})]])
    expect(items[0]?.media[0]?.path).toBe('images/train/a.png')
  })

  it.each([
    [{ type: 'bbox', bbox: [1, 2, 3] }, 'items[0].annotations[0].bbox should be a list of 4'],
    [{ type: 'bbox', bbox: [1, 2, 3, 4], label_id: 9 }, 'label_id is 9, which is no label'],
    [{ type: 'mask', rle: { counts: [1], size: [1, 1] } }, 'rle.counts should be text'],
    [{ type: 'hologram' }, 'type is "hologram", which is no type of Datumaro'],
  ])('tells the place of %j', async (record, message) => {
    await expect(draftOf(record)).rejects.toThrow(message)
  })

  it('refuses two items of one id', async () => {
    const text = file([{ id: 'a' }, { id: 'a' }])
    await expect(read(text)).rejects.toThrow('items[1] has the id of another item')
  })
})

describe('writing Datumaro', () => {
  const schema: Schema = {
    categories: [
      {
        key: 'car',
        name: 'car',
        supercategory: 'vehicle',
        isThing: true,
        sourceIds: { coco: 3 },
        attributes: [{ name: 'colour', type: 'enum', values: ['red'], mutable: true }],
        skeleton: { points: ['a'], edges: [], sigmas: [0.5] },
      },
    ],
    attributes: [],
    info: {},
  }
  const item = (drafts: readonly AnnotationDraft[]): SourceItem => ({
    subset: 'train',
    id: 'a',
    media: [{ role: 'primary', path: 'a.png', kind: 'image', width: 10, height: 10 }],
    tags: ['night'],
    layers: { ground_truth: drafts },
  })
  const records = async (drafts: readonly AnnotationDraft[]): Promise<readonly object[]> => {
    const { folder, losses } = await writeAll(datumaro, memoryDatasetView(schema, [item(drafts)]))
    expect(losses).toEqual([])
    const back = await readAll(datumaro, folder)
    expect(back.items[0]?.layers['ground_truth']).toMatchObject(drafts)
    expect(back.items[0]?.tags).toEqual(['night'])
    expect(back.schema.categories).toEqual(schema.categories)
    const text = Buffer.from(folder.files.get('annotations/train.json') ?? []).toString('utf8')
    return JSON.parse(text).items[0].annotations
  }

  it('shows polygons with holes as masks to those who know no holes', async () => {
    const parts = [
      [
        [0, 0, 6, 0, 6, 6, 0, 6],
        [2, 2, 4, 2, 4, 4, 2, 4],
      ],
    ]
    const [mask] = await records([{ type: 'polygon', parts }])
    expect(mask).toMatchObject({ type: 'mask', rle: { size: [10, 10] } })
    const { rle } = Object(mask)
    const area = parseCounts(rle.counts)?.filter((_, index) => index % 2 === 1)
    expect(area?.reduce((sum, run) => sum + run, 0)).toBe(32)
  })

  it('shows each part of a polygon as one', async () => {
    const parts = [[[0, 0, 1, 0, 1, 1]], [[5, 5, 6, 5, 6, 6]]]
    const all = await records([{ type: 'polygon', parts, category: 'car' }])
    expect(all).toMatchObject([
      { type: 'polygon', points: parts[0]?.[0], label_id: 0 },
      { type: 'polygon', points: parts[1]?.[0], label_id: 0 },
    ])
  })

  it('keeps what Datumaro itself cannot write', async () => {
    const all = await records([
      { type: 'rotated-box', cx: 1, cy: 2, width: 3, height: 4, angle: 0.123 },
      { type: 'ellipse', cx: 1.1, cy: 2, rx: 3, ry: 4, angle: 1 },
      { type: 'text', text: 'EXIT', parts: [[[0, 0, 1, 0, 1, 1]]] },
      { type: 'vector', values: [1.5] },
      { type: 'caption', text: 'a', language: 'en', track: 'x', group: 'g', sourceId: 's' },
      { type: 'polyline', points: [0, 0, 1, 1], closed: true },
    ])
    // Datumaro refuses a file with kinds of records that it does not read.
    const types = all.map((record) => Object(record).type)
    expect(types).toEqual(['polygon', 'polygon', 'caption', 'caption', 'polyline'])
  })
})
