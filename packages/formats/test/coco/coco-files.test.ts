import { type AnnotationDraft, formatCounts, type Json, type SourceItem } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodePng } from '../../src/media/png-encode.ts'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const coco = await loadAdapter('coco')

const IMAGE = { id: 9, file_name: 'a.jpg', width: 40, height: 30 }
const CATEGORY = { id: 18, name: 'dog', supercategory: 'animal' }

interface Parts {
  readonly images?: readonly Json[]
  readonly annotations?: readonly Json[]
  readonly categories?: readonly Json[]
  readonly [key: string]: Json | undefined
}

function cocoText(parts: Parts = {}): string {
  return JSON.stringify({ images: [IMAGE], annotations: [], categories: [CATEGORY], ...parts })
}

async function readFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): ReturnType<typeof readAll> {
  return readAll(coco, memoryFolder(Object.entries(files)))
}

function annotationsOf(
  items: readonly SourceItem[],
  layer = 'ground_truth',
): readonly AnnotationDraft[] {
  return items.flatMap(({ layers }) => layers[layer] ?? [])
}

async function readOne(annotation: Json): Promise<readonly AnnotationDraft[]> {
  const text = cocoText({ annotations: [annotation] })
  const { items } = await readFiles({ 'annotations/instances_train.json': text })
  return annotationsOf(items)
}

/** What writing in the layout that was read gives. */
async function rewritten(
  files: Readonly<Record<string, string | Uint8Array>>,
  edit: (items: readonly SourceItem[]) => readonly SourceItem[] = (items) => items,
): Promise<Readonly<Record<string, string>>> {
  const { schema, items, layout } = await readFiles(files)
  const { folder } = await writeAll(coco, memoryDatasetView(schema, edit(items), layout))
  return annotationFiles(folder)
}

describe('reading an annotation', () => {
  it('keeps polygon, box, area and crowd as one annotation', async () => {
    const annotation = {
      id: 5,
      image_id: 9,
      category_id: 18,
      segmentation: [
        [0, 0, 1.1, 0, 1, 2],
        [5, 5, 6, 5, 6, 6],
      ],
      bbox: [0, 0, 1.123456, 2],
      area: 50.123,
      iscrowd: 0,
    }
    expect(await readOne(annotation)).toEqual([
      {
        type: 'polygon',
        parts: [[[0, 0, 1.1, 0, 1, 2]], [[5, 5, 6, 5, 6, 6]]],
        category: 'dog',
        sourceId: 5,
        box: [0, 0, 1.123456, 2],
        area: 50.123,
        crowd: false,
      },
    ])
  })

  it('reads both notations of masks and remembers which it was', async () => {
    const size = [30, 40]
    const counts = [5, 10, 1185]
    const list = await readOne({
      id: 1,
      image_id: 9,
      category_id: 18,
      segmentation: { counts, size },
    })
    const text = formatCounts(counts)
    const packed = await readOne({
      id: 1,
      image_id: 9,
      category_id: 18,
      segmentation: { counts: text, size },
    })
    expect(packed).toEqual([
      { type: 'mask', width: 40, height: 30, counts: text, category: 'dog', sourceId: 1 },
    ])
    expect(list).toEqual([{ ...packed[0], extra: { 'coco-form': { segmentation: 'counts' } } }])
  })

  it('makes keypoints with a region two annotations of one group', async () => {
    const [points, polygon] = await readOne({
      id: 3,
      image_id: 9,
      category_id: 18,
      keypoints: [1, 2, 2, 0, 0, 0],
      num_keypoints: 1,
      segmentation: [[0, 0, 4, 0, 4, 4]],
      bbox: [0, 0, 4, 4],
    })
    expect(points).toMatchObject({ type: 'points', points: [1, 2, 0, 0], visibility: [2, 0] })
    expect(polygon).toMatchObject({ type: 'polygon', sourceId: 3, box: [0, 0, 4, 4] })
    expect(points?.group).toBe(polygon?.group)
    expect(points?.extra).toBeUndefined()
  })

  it('reads a box without segmentation, a label and a caption', async () => {
    const base = { id: 1, image_id: 9, category_id: 18 }
    expect(await readOne({ ...base, bbox: [1, 2, 3, 4] })).toMatchObject([
      { type: 'box', x: 1, y: 2, width: 3, height: 4 },
    ])
    expect(await readOne(base)).toMatchObject([{ type: 'label', category: 'dog' }])
    expect(await readOne({ id: 1, image_id: 9, caption: 'hi' })).toMatchObject([
      { type: 'caption', text: 'hi' },
    ])
  })

  it.each([
    [{ bbox: [1, 2, 3] }, 'annotations[0].bbox should hold 4 numbers'],
    [{ segmentation: [[1, 2, 3]] }, 'annotations[0].segmentation[0] should hold an even count'],
    [{ segmentation: { counts: '\u007f', size: [3, 4] } }, 'segmentation.counts is no run-length'],
    [
      { segmentation: { counts: [1, -1], size: [3, 4] } },
      'segmentation.counts should be run lengths',
    ],
    [{ keypoints: [1, 2] }, 'annotations[0].keypoints should hold 3 numbers for each point'],
    [{ category_id: 7 }, 'annotations[0].category_id is 7, which is no id in `categories`'],
    [{ image_id: 8 }, 'annotations[0].image_id is 8, which is no id in `images`'],
  ])('refuses %j', async (wrong, message) => {
    const annotation = { id: 1, image_id: 9, category_id: 18, ...wrong }
    await expect(readOne(annotation)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringContaining(`annotations/instances_train.json: `),
    })
    await expect(readOne(annotation)).rejects.toThrow(message)
  })

  it('names NaN, which Python writes', async () => {
    const text = cocoText({ annotations: [{ id: 1, image_id: 9, area: 0.5 }] }).replace(
      '0.5',
      'NaN',
    )
    await expect(readFiles({ 'annotations/instances_train.json': text })).rejects.toThrow(
      'annotations[0] holds NaN, which is no JSON',
    )
  })
})

describe('reading a folder', () => {
  it.each([
    ['annotations/instances_train2017.json', 'train2017/a.jpg', 'train2017'],
    ['annotations/instances_train.json', 'images/train/a.jpg', 'train'],
    ['annotations/instances_val.json', 'val2017/a.jpg', 'val'],
    ['annotations.json', 'a.jpg', 'default'],
    ['annotations.json', 'images/a.jpg', 'default'],
    ['labels.json', 'data/a.jpg', 'default'],
    ['train/_annotations.coco.json', 'train/a.jpg', 'train'],
    ['valid/labels.json', 'valid/data/a.jpg', 'valid'],
    ['coco/annotations/instances_test.json', 'coco/test/a.jpg', 'test'],
    ['my_export.json', 'deep/in/here/a.jpg', 'default'],
  ])('reads %s with %s', async (file, image, subset) => {
    const files = { [file]: cocoText(), [image]: placeholder({ width: 40, height: 30 }) }
    const folder = memoryFolder(Object.entries(files))
    expect((await coco.detect(folder)).confidence).toBeGreaterThan(0.5)
    const { items } = await readAll(coco, folder)
    expect(items).toMatchObject([{ subset, id: 'a', media: [{ path: image, width: 40 }] }])
  })

  it('keeps items whose image is missing or has no annotation', async () => {
    const images = [IMAGE, { id: 10, file_name: 'b.jpg', width: 4, height: 3 }]
    const { items } = await readFiles({
      'annotations/instances_train.json': cocoText({ images }),
      'images/train/b.jpg': placeholder({}),
    })
    expect(items.map(({ id, media }) => [id, media[0]?.path])).toEqual([
      ['a', 'images/train/a.jpg'],
      ['b', 'images/train/b.jpg'],
    ])
  })

  it('joins the tasks of a subset, and leaves out regions that keypoints repeat', async () => {
    const polygon = { id: 3, image_id: 9, category_id: 18, segmentation: [[0, 0, 4, 0, 4, 4]] }
    const files = {
      'annotations/captions_train.json': cocoText({
        categories: [],
        annotations: [{ id: 3, image_id: 9, caption: 'hi' }],
      }),
      'annotations/instances_train.json': cocoText({ annotations: [polygon] }),
      'annotations/person_keypoints_train.json': cocoText({
        annotations: [{ ...polygon, keypoints: [1, 2, 2], num_keypoints: 1 }],
      }),
    }
    const { items } = await readFiles(files)
    expect(items).toHaveLength(1)
    expect(annotationsOf(items).map(({ type }) => type)).toEqual(['caption', 'polygon', 'points'])
    const texts = await rewritten(files)
    expect(values(texts)).toEqual(values(files))
  })

  it('reads results as a layer, and writes them back', async () => {
    const results = [
      { image_id: 9, category_id: 18, bbox: [1, 2, 3, 4], score: 0.25 },
      { image_id: 9, category_id: 18, bbox: [1, 2, 3, 5], score: 0.125 },
    ]
    const files = {
      'annotations/instances_train.json': cocoText(),
      'results/yolo.json': JSON.stringify(results),
    }
    const { items } = await readFiles(files)
    expect(annotationsOf(items, 'predictions/yolo')).toMatchObject([
      { type: 'box', height: 4, score: 0.25, category: 'dog' },
      { type: 'box', height: 5, score: 0.125 },
    ])
    expect(values(await rewritten(files))).toEqual(values(files))
  })

  it('gives duplicate category names keys of their own, and knows category 0', async () => {
    const categories = [
      { id: 0, name: 'dog' },
      { id: 4, name: 'dog' },
    ]
    const annotations = [
      { id: 1, image_id: 9, category_id: 4, bbox: [0, 0, 1, 1] },
      { id: 2, image_id: 9, category_id: 0, bbox: [0, 0, 1, 1] },
    ]
    const files = { 'annotations.json': cocoText({ categories, annotations }) }
    const { schema, items } = await readFiles(files)
    expect(schema.categories.map(({ key, name }) => [key, name])).toEqual([
      ['dog', 'dog'],
      ['dog (2)', 'dog'],
    ])
    expect(annotationsOf(items).map(({ category }) => category)).toEqual(['dog (2)', 'dog'])
    expect(values(await rewritten(files))).toEqual(values(files))
  })

  it('reads images of one name as items of different ids', async () => {
    const images = [IMAGE, { ...IMAGE, id: 10 }, { ...IMAGE, id: 11, file_name: 'a.png' }]
    const { items } = await readFiles({ 'annotations.json': cocoText({ images }) })
    expect(items.map(({ id }) => id)).toEqual(['a', 'a.jpg', 'a.png'])
  })

  it('never lets a file_name lead out of the folder', async () => {
    const images = [
      '../../etc/passwd',
      '/etc/passwd',
      'C:\\x\\..\\y.jpg',
      'http://h/z.jpg',
      '',
    ].map((file_name, id) => ({ ...IMAGE, id, file_name }))
    const files = { 'annotations.json': cocoText({ images }) }
    const { items } = await readFiles(files)
    for (const { media } of items) {
      expect(media[0]?.path).not.toMatch(/^\/|\.\.|\\/)
    }
    expect(values(await rewritten(files))).toEqual(values(files))
  })

  it('goes on after a bad record when told to skip', async () => {
    const good = { id: 1, image_id: 9, category_id: 18, bbox: [0, 0, 1, 1] }
    const text = cocoText({
      annotations: [good, { ...good, bbox: 7 }, { ...good, image_id: 1 }, good],
    })
    const folder = memoryFolder([['annotations.json', text]])
    const { items, problems } = await readAll(coco, folder, { onError: 'skip' })
    expect(annotationsOf(items)).toHaveLength(2)
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('annotations[2].image_id is 1'),
      expect.stringContaining('annotations[1].bbox should hold 4 numbers'),
    ])
  })

  it('reports ids that are too large to be kept', async () => {
    const text = cocoText({ annotations: [] }).replace('"id":9', '"id":9007199254740993')
    const { losses } = await readFiles({ 'annotations.json': text })
    expect(losses).toMatchObject([{ what: 'field: image id' }])
  })
})

describe('writing captions', () => {
  const annotations = [
    { id: 1, image_id: 9, caption: 'hi' },
    { id: 2, image_id: 9, category_id: 18, bbox: [0, 0, 1, 1] },
  ]
  const files = { 'annotations.json': cocoText({ annotations }) }

  // pycocotools looks for a `category_id` in each annotation of a file that has categories.
  it('lists no categories beside them', async () => {
    const { schema, items } = await readFiles(files)
    const { folder, losses } = await writeAll(coco, memoryDatasetView(schema, items))
    const written = values(annotationFiles(folder))
    expect(written['annotations/captions_default.json']).not.toHaveProperty('categories')
    expect(written['annotations/instances_default.json']).toHaveProperty('categories')
    expect(losses).toEqual([])
  })

  it('reports categories that no other file lists', async () => {
    const { schema, items } = await readFiles(files)
    const view = memoryDatasetView(schema, items)
    const { losses } = await writeAll(coco, view, { variant: 'captions' })
    expect(losses).toContainEqual({ what: 'category', where: 'dog' })
  })
})

describe('writing in the layout that was read', () => {
  const annotations = [
    {
      id: 7,
      image_id: 10,
      category_id: 18,
      bbox: [0, 0, 1, 1],
      area: 1.5,
      iscrowd: 1,
      mine: { a: [1] },
    },
    { id: 2, image_id: 9, category_id: 90, segmentation: [], bbox: [0, 0, 2, 1], score: 0.5 },
    { id: 4, image_id: 9, category_id: 18, bbox: [], attributes: { occluded: true } },
    { id: 5, image_id: 10, category_id: 18, segmentation: [1, 1, 2, 2, 3, 1] },
    { id: 6, image_id: 10, category_id: 18, segmentation: { counts: [0, 12], size: [3, 4] } },
  ]
  const dataset = {
    licenses: [{ id: 1, name: 'CC' }],
    info: { year: 2017, more: { x: null } },
    annotations,
    custom: 'kept',
    images: [
      { license: 1, file_name: 'b.jpg', coco_url: 'http://x/b.jpg', height: 3, width: 4, id: 10 },
      {
        license: 1,
        file_name: 'a.jpg',
        coco_url: 'http://x/a.jpg',
        height: 3,
        width: 4,
        id: 9,
        y: 1,
      },
    ],
    categories: [
      { supercategory: 'x', id: 90, name: 'toothbrush' },
      { supercategory: 'animal', id: 18, name: 'dog', color: [1, 2, 3] },
    ],
  }

  it.each([
    ['compact', JSON.stringify(dataset)],
    ['indented', `${JSON.stringify(dataset, null, 4)}\n`],
    ['as Python does', pythonText(dataset)],
  ])('keeps ids, order, unknown fields and style: %s', async (_style, text) => {
    expect(await rewritten({ 'annotations/instances_train.json': text })).toEqual({
      'annotations/instances_train.json': text,
    })
  })

  it('gives new annotations ids that are free and leaves the others alone', async () => {
    const files = { 'annotations/instances_train.json': JSON.stringify(dataset) }
    const texts = await rewritten(files, (items) =>
      items.map((item) => ({
        ...item,
        layers: {
          ground_truth: [
            { type: 'box', x: 0, y: 0, width: 2, height: 3, category: 'dog' },
            ...(item.layers['ground_truth'] ?? []),
          ],
        },
      })),
    )
    const written: { annotations: { id: number }[] } = JSON.parse(
      texts['annotations/instances_train.json'] ?? '',
    )
    expect(written.annotations.slice(0, 5)).toEqual(annotations)
    expect(written.annotations.slice(5)).toMatchObject([
      { image_id: 9, category_id: 18, bbox: [0, 0, 2, 3], area: 6, iscrowd: 0, id: 8 },
      { image_id: 10, id: 9 },
    ])
  })

  it('reads and writes panoptic maps', async () => {
    const ids = [0, 1, 1, 70_000, 70_000, 70_000]
    const data = Uint8Array.from(ids.flatMap((id) => [id & 255, (id >> 8) & 255, id >> 16]))
    const png = encodePng({ width: 3, height: 2, bitDepth: 8, colorType: 2, data })
    const segments_info = [
      { id: 70_000, category_id: 18, area: 3, bbox: [0, 1, 3, 1], iscrowd: 0 },
      { id: 1, category_id: 18, area: 2, bbox: [1, 0, 2, 1], iscrowd: 0 },
    ]
    const files = {
      'annotations/panoptic_val.json': cocoText({
        annotations: [{ image_id: 9, file_name: 'a.png', segments_info }],
        categories: [{ ...CATEGORY, isthing: 1 }],
      }),
      'annotations/panoptic_val/a.png': png,
    }
    const { items, schema } = await readFiles(files)
    expect(schema.categories[0]?.isThing).toBe(true)
    expect(annotationsOf(items)).toMatchObject([
      { segmentId: 70_000, counts: formatCounts([1, 1, 1, 1, 1, 1]), box: [0, 1, 3, 1] },
      { segmentId: 1, counts: formatCounts([2, 1, 1, 1, 1]) },
    ])
    const texts = await rewritten(files)
    expect(JSON.parse(texts['annotations/panoptic_val.json'] ?? '')).toEqual(
      JSON.parse(files['annotations/panoptic_val.json']),
    )
    expect(texts['annotations/panoptic_val/a.png']).toBe(Buffer.from(png).toString('latin1'))
  })
})

/** The values of some files, for comparing them whatever the order of keys. */
function values(
  files: Readonly<Record<string, string | Uint8Array>>,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, JSON.parse(Buffer.from(text).toString())]),
  )
}

function pythonText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}: ${pythonText(inner)}`,
  )
  return `{${members.join(', ')}}`
}
