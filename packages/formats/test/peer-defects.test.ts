import type { AnnotationDraft, Schema, SourceItem } from '@dsv/core'
import { formatNames, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { decodePng, encodePng } from '../src/media/png.ts'
import { type ReadBack, readAll, readContext, writeAll, writeContext } from './adapter-contract.ts'
import { memoryDatasetView } from './dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from './memory-folder.ts'

const CAT: Schema = { categories: [{ key: 'cat', name: 'cat' }], attributes: [], info: {} }

function imageWith(...annotations: readonly AnnotationDraft[]): SourceItem {
  const medium = { role: 'primary', kind: 'image', width: 40, height: 30, channels: 3 } as const
  return {
    subset: 'train',
    id: 'a1',
    media: [{ ...medium, path: 'images/a1.png' }],
    layers: { ground_truth: annotations },
  }
}

const truth = ({ items }: ReadBack, at = 0): readonly AnnotationDraft[] =>
  items[at]?.layers['ground_truth'] ?? []

/** Writes one image in a format that knows nothing of it yet, and reads it again. */
async function thereAndBack(
  format: string,
  item: SourceItem,
  variant?: string,
): Promise<{ readonly read: ReadBack; readonly losses: readonly string[] }> {
  const adapter = await loadAdapter(format)
  const options = variant === undefined ? {} : { variant }
  const { folder, losses } = await writeAll(adapter, memoryDatasetView(CAT, [item]), options)
  const read = await readAll(adapter, folder)
  return { read, losses: [...losses, ...read.losses].map(({ what }) => what) }
}

/** Reads files and writes them again in their layout. */
async function rewrite(format: string, folder: MemoryFolder): Promise<MemoryFolder> {
  const adapter = await loadAdapter(format)
  const { schema, items, layout } = await readAll(adapter, folder)
  const view = memoryDatasetView(schema, items, layout)
  const written = await writeAll(adapter, view)
  expect(written.losses).toEqual([])
  return written.folder
}

function json(folder: MemoryFolder, file: string): unknown {
  return JSON.parse(Buffer.from(folder.files.get(file) ?? []).toString())
}

const COCO_IMAGE = { width: 40, height: 30 }

describe('where Datumaro is known to be wrong: COCO', () => {
  const file = 'annotations/instances_train.json'
  const original = {
    info: { description: 'streets', year: 2024, contributor: 'us' },
    licenses: [{ id: 4, name: 'BY', url: 'https://example.org/by' }],
    images: [
      {
        id: 900,
        file_name: 'b.png',
        ...COCO_IMAGE,
        license: 4,
        coco_url: 'https://example.org/b.png',
        flickr_url: '',
        date_captured: '2013-11-14 17:02:52',
        weather: 'rain',
      },
      { id: 7, file_name: 'a.png', ...COCO_IMAGE, license: 4 },
    ],
    annotations: [
      {
        id: 31,
        image_id: 900,
        category_id: 90,
        bbox: [1.123456, 2.5, 10.987654321, 5],
        area: 50.123,
        iscrowd: 0,
        segmentation: { size: [30, 40], counts: '5:d00_S1' },
        reviewed_by: 'ada',
      },
      {
        id: 5,
        image_id: 900,
        category_id: 13,
        bbox: [0, 0, 3, 3],
        area: 9,
        iscrowd: 0,
        segmentation: [
          [0, 0, 3, 0, 3, 3],
          [10, 10, 12, 10, 12, 12],
        ],
      },
    ],
    categories: [
      { id: 1, name: 'person', supercategory: 'person' },
      { id: 13, name: 'stop sign', supercategory: 'outdoor' },
      { id: 90, name: 'toothbrush', supercategory: 'indoor' },
    ],
  }

  it('1: renumbers categories, rounds boxes, loses fields, areas, masks and the order; we change nothing', async () => {
    const folder = memoryFolder([
      [file, JSON.stringify(original)],
      ['images/a.png', placeholder(COCO_IMAGE)],
      ['images/b.png', placeholder(COCO_IMAGE)],
    ])
    expect(json(await rewrite('coco', folder), file)).toEqual(original)
  })

  it('2: drops keypoints that have a group but no box; we write them', async () => {
    const points = [4, 3, 20, 5]
    const item = imageWith({
      type: 'points',
      category: 'cat',
      group: 7,
      points,
      visibility: [2, 1],
    })
    const { read } = await thereAndBack('coco', item, 'keypoints')
    expect(truth(read)).toMatchObject([{ type: 'points', points, visibility: [2, 1] }])
  })

  it('22: keeps one of several tasks; we read all that is said of an image', async () => {
    const image = { id: 1, file_name: 'a.png', ...COCO_IMAGE }
    const categories = [{ id: 1, name: 'cat', keypoints: ['nose'], skeleton: [] }]
    const task = (annotation: object): string =>
      JSON.stringify({ images: [image], categories, annotations: [{ image_id: 1, ...annotation }] })
    const box = { category_id: 1, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 }
    const folder = memoryFolder([
      ['images/a.png', placeholder(COCO_IMAGE)],
      ['annotations/instances_train.json', task({ id: 1, ...box })],
      ['annotations/captions_train.json', task({ id: 2, caption: 'a cat' })],
      [
        'annotations/person_keypoints_train.json',
        task({ id: 3, ...box, keypoints: [2, 3, 2], num_keypoints: 1 }),
      ],
    ])
    const read = await readAll(await loadAdapter('coco'), folder)
    expect(read.items).toHaveLength(1)
    const types = truth(read).map(({ type }) => type)
    expect(types.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['box', 'caption', 'points'])
  })
})

describe('where Datumaro is known to be wrong: its own JSON', () => {
  const annotations: readonly AnnotationDraft[] = [
    { type: 'rotated-box', category: 'cat', cx: 10, cy: 9, width: 8, height: 4, angle: 0.25 },
    { type: 'vector', values: [0.5, -1e-9, 2] },
    { type: 'reference', role: 'depth', path: 'depth/a1.png' },
    { type: 'points', category: 'cat', points: [1, 2, 3, 4], visibility: [0, 1] },
    { type: 'caption', text: 'a cat', track: 4 },
  ]

  it.each(annotations.map((each) => [each.type, each] as const))(
    '3: cannot store or loses a part of %s; we keep it',
    async (_, annotation) => {
      const { read, losses } = await thereAndBack('datumaro', imageWith(annotation))
      expect(truth(read)).toMatchObject([annotation])
      expect(losses).toEqual([])
    },
  )
})

describe('where Datumaro is known to be wrong: masks of streets', () => {
  const stem = 'train/ulm/ulm_000000_000019'
  function cityscapes(kind: string, bitDepth: 8 | 16, values: readonly number[]): MemoryFolder {
    const data = bitDepth === 16 ? Uint16Array.from(values) : Uint8Array.from(values)
    const size = { width: values.length, height: 1 }
    return memoryFolder([
      [`leftImg8bit/${stem}_leftImg8bit.png`, placeholder(size)],
      [`gtFine/${stem}_gtFine_${kind}.png`, encodePng({ ...size, bitDepth, colorType: 0, data })],
    ])
  }

  it('4: drops the objects of Cityscapes; we read each', async () => {
    const folder = cityscapes('instanceIds', 16, [24_000, 24_000, 26_001, 7])
    const read = await readAll(await loadAdapter('cityscapes'), folder)
    expect(truth(read).map(({ category, sourceId }) => [category, sourceId])).toEqual(
      expect.arrayContaining([
        ['person', 24_000],
        ['car', 26_001],
        ['road', 7],
      ]),
    )
  })

  it('4: drops class 0 of the training numbers; it is the road', async () => {
    const folder = cityscapes('labelTrainIds', 8, [0, 0, 255, 13])
    const read = await readAll(await loadAdapter('cityscapes'), folder)
    const categories = truth(read).map(({ category }) => category)
    expect(categories.map(String).toSorted()).toEqual(['car', 'road'])
  })
})

describe('where Datumaro is known to be wrong: CIFAR', () => {
  it('5: swaps red and blue; a red image has the red plane first, and is read red', async () => {
    const adapter = await loadAdapter('cifar')
    const red = new Uint8Array(32 * 32 * 3).map((_, at) => (at % 3 === 0 ? 255 : 0))
    const image = encodePng({ width: 32, height: 32, bitDepth: 8, colorType: 2, data: red })
    const item = imageWith({ type: 'label', category: 'cat' })
    const media = item.media.map((each) => ({ ...each, width: 32, height: 32 }))
    const view = memoryDatasetView(CAT, [{ ...item, media }])
    const folder = memoryFolder()
    const context = { ...writeContext([]), readMedia: async () => image }
    await adapter.write(view, folder, context)
    const planes = Buffer.concat([Buffer.alloc(1024, 255), Buffer.alloc(2048, 0)])
    const batches = [...folder.files.values()].filter((bytes) =>
      Buffer.from(bytes).includes(planes),
    )
    expect(batches).toHaveLength(1)
    const stream = await adapter.read(folder, readContext(folder).context)
    const pixels: Uint8Array[] = []
    for await (const read of stream.items) {
      const bytes = await read.media[0]?.content?.()
      pixels.push(Uint8Array.from(decodePng(bytes ?? new Uint8Array()).data))
    }
    expect(pixels).toEqual([red])
  })
})

describe('where Datumaro is known to be wrong: numbers', () => {
  const box = {
    type: 'box',
    category: 'cat',
    x: 1.2345678,
    y: 2.0004321,
    width: 9.87654321,
    height: 7,
  } as const

  it('18: rounds all coordinates to two decimals; no format of ours does so without a word', async () => {
    const rounded: string[] = []
    let kept = 0
    for (const name of formatNames) {
      const { format } = await loadAdapter(name)
      if (format.canWrite === false || !format.holds.has('box')) continue
      const { read, losses } = await thereAndBack(name, imageWith(box))
      const found = truth(read).find(({ type }) => type === 'box')
      const isClose = found?.type === 'box' && Math.abs(found.x - box.x) < 1e-4
      if (isClose) kept += 1
      else if (losses.length === 0) rounded.push(name)
    }
    expect(rounded).toEqual([])
    expect(kept).toBeGreaterThan(8)
  })

  it.each(['coco', 'cvat', 'datumaro', 'label-studio', 'voc'])(
    '18: and %s gives back every digit',
    async (name) => {
      const { read } = await thereAndBack(name, imageWith(box))
      expect(truth(read)).toMatchObject([{ type: 'box', x: box.x, y: box.y }])
    },
  )
})

describe('where Datumaro is known to be wrong: what it leaves out', () => {
  it('21: ignores the rotation of CVAT; a rotated box is one', async () => {
    const xml =
      '<annotations><version>1.1</version><image id="0" name="a.png" width="40" height="30">' +
      '<box label="cat" xtl="10" ytl="5" xbr="20" ybr="15" rotation="90" occluded="0"/>' +
      '</image></annotations>'
    const read = await readAll(await loadAdapter('cvat'), memoryFolder([['annotations.xml', xml]]))
    expect(truth(read)).toMatchObject([{ type: 'rotated-box', cx: 15, cy: 10, angle: Math.PI / 2 }])
  })

  it('21: makes one of the levels of occlusion of KITTI; we keep the level', async () => {
    const line = 'Car 0.25 2 -0.2 1 2 11 12 1.5 1.6 3.9 1.8 1.4 8.4 0.01\n'
    const folder = memoryFolder([
      ['training/image_2/000000.png', placeholder({ width: 40, height: 30 })],
      ['training/label_2/000000.txt', line],
    ])
    const read = await readAll(await loadAdapter('kitti'), folder)
    const [car] = truth(read)
    expect(car).toMatchObject({ occluded: true, attributes: { occlusion: 2, truncation: 0.25 } })
    const again = await rewrite('kitti', folder)
    const text = Buffer.from(again.files.get('training/label_2/000000.txt') ?? []).toString()
    expect(text.split(' ').slice(0, 3)).toEqual(['Car', '0.25', '2'])
  })

  it('21: drops the boxes of KITTI beside masks; we read both', async () => {
    const data = Uint16Array.from([26 * 256 + 1, 7 * 256])
    const size = { width: 2, height: 1 }
    const folder = memoryFolder([
      ['training/image_2/000000.png', placeholder(size)],
      ['training/label_2/000000.txt', 'Car 0 0 0 0 0 1 1 1 1 1 1 1 1 0\n'],
      ['training/instance/000000.png', encodePng({ ...size, bitDepth: 16, colorType: 0, data })],
    ])
    const types = truth(await readAll(await loadAdapter('kitti'), folder)).map(({ type }) => type)
    expect(types.filter((type) => type === 'box')).toHaveLength(1)
    expect(types.filter((type) => type === 'mask')).toHaveLength(2)
  })

  it('23: leaves out what a format cannot hold without a word; every type that is lost is reported (format-matrix.test.ts)', async () => {
    const caption = imageWith({ type: 'caption', text: 'a cat' })
    for (const name of ['voc', 'yolo', 'create-ml', 'open-images', 'camvid']) {
      const { read, losses } = await thereAndBack(name, caption)
      expect(truth(read)).toEqual([])
      expect(losses).toContain('annotation: caption')
    }
  })

  it('168, 189, 2154: makes several objects of one that has several parts; it stays one', async () => {
    const ring = [0, 0, 5, 0, 5, 5]
    const parts = [[ring], [ring.map((value) => value + 10)]]
    for (const name of ['coco', 'datumaro']) {
      const item = imageWith({ type: 'polygon', category: 'cat', parts })
      const { read } = await thereAndBack(name, item)
      expect(truth(read)).toMatchObject([{ type: 'polygon', parts }])
    }
  })
})
