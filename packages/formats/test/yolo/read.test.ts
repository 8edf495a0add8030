import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, readContext, type ReadBack } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('yolo')
const IMAGE = placeholder({ width: 100, height: 50 })
const YAML = 'train: images/train\nnames: [cat, dog]\n'

function annotationsOf(item: SourceItem | undefined): readonly AnnotationDraft[] {
  return item?.layers['ground_truth'] ?? []
}

async function readLines(text: string, yaml = YAML): Promise<ReadBack> {
  const folder = memoryFolder([
    ['data.yaml', yaml],
    ['images/train/a.png', IMAGE],
    ['labels/train/a.txt', text],
  ])
  return readAll(adapter, folder)
}

describe('reading YOLO', () => {
  it('turns normalised centres into pixels from the top-left corner', async () => {
    const { items } = await readLines('1 0.5 0.5 0.2 0.4\n')
    expect(annotationsOf(items[0])).toEqual([
      { type: 'box', category: 'dog', x: 40, y: 15, width: 20, height: 20 },
    ])
  })

  it('takes byte-order mark, CRLF, tabs, blank lines, exponents and whole-number floats', async () => {
    const { items } = await readLines('\ufeff 0\t5e-1  0.5 2.0E-1 .4 \r\n\r\n1.0 0.5 0.5 0.2 0.4')
    expect(annotationsOf(items[0])).toMatchObject([
      { category: 'cat', x: 40, y: 15, width: 20, height: 20 },
      { category: 'dog', x: 40, y: 15 },
    ])
  })

  it('takes an image without label file, and an empty one, for background', async () => {
    const folder = memoryFolder([
      ['data.yaml', `${YAML}val: images/val\n`],
      ['images/train/a.png', IMAGE],
      ['images/val/b.png', IMAGE],
      ['labels/val/b.txt', ''],
    ])
    const { items, problems } = await readAll(adapter, folder)
    expect(items.map(({ subset, id, layers }) => [subset, id, layers])).toEqual([
      ['train', 'a', { ground_truth: [] }],
      ['val', 'b', { ground_truth: [] }],
    ])
    expect(problems).toEqual([])
  })

  it('reads boxes and polygons of one file each as what they are', async () => {
    const { items } = await readLines('0 0.5 0.5 0.2 0.4\n1 0 0 1 0 1 1\n')
    expect(annotationsOf(items[0])).toMatchObject([
      { type: 'box' },
      { type: 'polygon', parts: [[[0, 0, 100, 0, 100, 50]]] },
    ])
  })

  it('takes four corners for an oriented box when all lines have four', async () => {
    const { items } = await readLines('0 0 0 1 0 1 1 0 1\n')
    expect(annotationsOf(items[0])).toMatchObject([{ type: 'quad' }])
  })

  it('takes four corners for a polygon beside longer ones, or when the task says so', async () => {
    const mixed = await readLines('0 0 0 1 0 1 1 0 1\n0 0 0 1 0 1 1\n')
    const stated = await readLines('0 0 0 1 0 1 1 0 1\n', `${YAML}task: segment\n`)
    expect(annotationsOf(mixed.items[0]).map(({ type }) => type)).toEqual(['polygon', 'polygon'])
    expect(annotationsOf(stated.items[0]).map(({ type }) => type)).toEqual(['polygon'])
  })

  it('reads keypoints with visibility, and their box', async () => {
    const yaml = `${YAML}kpt_shape: [2, 3]\nflip_idx: [1, 0]\n`
    const { items, schema } = await readLines('0 0.5 0.5 0.2 0.4 0.1 0.2 2 0.3 0.4 1\n', yaml)
    const [pose] = annotationsOf(items[0])
    expect(pose).toMatchObject({
      type: 'points',
      points: [10, 10, 30, 20],
      visibility: [2, 1],
      box: [40, 15, 20, 20],
    })
    expect(schema.info).toEqual({ yolo: { kpt_shape: [2, 3], flip_idx: [1, 0] } })
  })

  it('marks keypoints of two numbers as absent when one is negative', async () => {
    const yaml = `${YAML}kpt_shape: [2, 2]\n`
    const { items } = await readLines('0 0.5 0.5 0.2 0.4 -0.005 0.2 0.3 0.4\n', yaml)
    expect(annotationsOf(items[0])).toMatchObject([{ visibility: [0, 2] }])
  })

  it('keeps confidence and track of predictions', async () => {
    const { items } = await readLines('0 0.5 0.5 0.2 0.4 0.9 7\n1 0.5 0.5 0.2 0.4 0.8 1\n')
    expect(annotationsOf(items[0])).toMatchObject([
      { type: 'box', score: 0.9, track: 7 },
      { type: 'box', score: 0.8, track: 1 },
    ])
  })

  it.each([
    ['2 0.5 0.5 0.2 0.4', 'class 2 has no name'],
    ['0 0.5 0.5 0.2', 'has 4 fields, expected 5 or more'],
    ['0 0.5 0.5 0.2 nan', '"nan" is no number'],
    ['-1 0.5 0.5 0.2 0.4', '"-1" is no index of a class'],
    ['0.5 0.5 0.5 0.2 0.4', '"0.5" is no index of a class'],
    ['0 0.5 0.5 0.2 1e999', '"1e999" is no number'],
  ])('refuses the line %s', async (line, problem) => {
    await expect(readLines(`0 0.5 0.5 0.2 0.4\n${line}\n`)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: `labels/train/a.txt:2: ${problem}.`,
    })
  })

  it('refuses a line with another number of keypoints than stated', async () => {
    const yaml = `${YAML}kpt_shape: [2, 3]\n`
    await expect(readLines('0 0.5 0.5 0.2 0.4 0.1 0.2 2\n', yaml)).rejects.toMatchObject({
      message: 'labels/train/a.txt:1: has 8 fields, expected 11.',
    })
  })

  it('keeps a bad line as it is when told to skip', async () => {
    const folder = memoryFolder([
      ['data.yaml', YAML],
      ['images/train/a.png', IMAGE],
      ['labels/train/a.txt', '0 0.5 0.5 0.2 0.4\n9 bad\n'],
    ])
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(annotationsOf(items[0])).toHaveLength(1)
    expect(items[0]?.extra).toEqual({ yolo: { lines: ['9 bad'] } })
    expect(problems).toHaveLength(1)
  })

  it('reports values outside the image and keeps them', async () => {
    const { items, problems } = await readLines('0 0.5 0.5 2 0.4\n0 1.005 0.5 0.2 0.4\n')
    expect(annotationsOf(items[0])).toMatchObject([{ width: 200 }, {}])
    expect(problems).toEqual([
      { file: 'labels/train/a.txt', message: 'line 1 has values outside 0…1' },
    ])
  })

  it('keeps the lines of a label file whose image is missing', async () => {
    const folder = memoryFolder([
      ['data.yaml', YAML],
      ['images/train/a.png', IMAGE],
      ['labels/train/gone.txt', '0 0.5 0.5 0.2 0.4\n'],
    ])
    const { items, problems } = await readAll(adapter, folder)
    expect(items[1]).toEqual({
      subset: 'train',
      id: 'gone',
      media: [],
      extra: { yolo: { lines: ['0 0.5 0.5 0.2 0.4'] } },
      layers: { ground_truth: [] },
    })
    expect(problems).toHaveLength(1)
  })

  it.each([
    ['a folder', 'train: images/train\nnames: {0: cat}'],
    ['a path of another machine', 'path: /home/me/coco8\ntrain: images/train\nnames: {0: cat}'],
    ['a path relative to elsewhere', 'train: ../images/train\nnames: {0: cat}'],
    ['a list of folders', 'train: [images/train, images/more]\nnames: {0: cat}'],
    ['a list of images', 'train: train.txt\nnames: {0: cat}'],
    ['backslashes', 'train: images\\train\nnames: {0: cat}'],
    ['names with gaps', 'train: images/train\nnames: {0: cat, 7: dog}'],
  ])('finds the images of a subset by %s', async (_, yaml) => {
    const folder = memoryFolder([
      ['data.yaml', yaml],
      ['train.txt', './images/train/a.png\n/elsewhere/coco8/images/train/b.png\n'],
      ['images/train/a.png', IMAGE],
      ['images/train/b.png', IMAGE],
      ['labels/train/b.txt', '0 0.5 0.5 0.2 0.4\n'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ subset, media }) => [subset, media[0]?.path])).toEqual([
      ['train', 'images/train/a.png'],
      ['train', 'images/train/b.png'],
    ])
    expect(items.map((item) => annotationsOf(item).length)).toEqual([0, 1])
  })

  it('names classes class_0 … when there is only their number', async () => {
    const { schema } = await readLines('', 'train: images/train\nnc: 2\n')
    expect(schema.categories.map(({ name }) => name)).toEqual(['class_0', 'class_1'])
  })

  it('replaces only the last folder images', async () => {
    const folder = memoryFolder([
      ['data.yaml', 'train: images/a/images\nnames: [cat]'],
      ['images/a/images/x.png', IMAGE],
      ['images/a/labels/x.txt', '0 0.5 0.5 0.2 0.4'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(annotationsOf(items[0])).toHaveLength(1)
  })

  it('tells images apart that share a name and a label file', async () => {
    const folder = memoryFolder([
      ['data.yaml', YAML],
      ['images/train/a.jpg', IMAGE],
      ['images/train/a.png', IMAGE],
      ['labels/train/a.txt', '0 0.5 0.5 0.2 0.4\n'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id }) => id)).toEqual(['a.jpg', 'a.png'])
  })

  it('reads an image once that two subsets name', async () => {
    const folder = memoryFolder([
      ['data.yaml', 'train: images\nval: images\nnames: [cat]'],
      ['images/a.png', IMAGE],
    ])
    const { items, problems } = await readAll(adapter, folder)
    expect(items.map(({ subset }) => subset)).toEqual(['train'])
    expect(problems).toHaveLength(1)
  })

  it('reads names beside labels without any configuration', async () => {
    const folder = memoryFolder([
      ['classes.txt', 'cat\ndog\n'],
      ['images/a.png', IMAGE],
      ['labels/a.txt', '1 0.5 0.5 0.2 0.4\n'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items).toHaveLength(1)
    expect(annotationsOf(items[0])).toMatchObject([{ category: 'dog' }])
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.5)
  })

  it('gives classes of one name different keys', async () => {
    const { schema } = await readLines('', 'train: images/train\nnames: [cat, cat]\n')
    expect(new Set(schema.categories.map(({ key }) => key)).size).toBe(2)
  })

  it('applies the numbers to the upright image', async () => {
    const folder = memoryFolder([
      ['data.yaml', YAML],
      ['images/train/a.jpg', IMAGE],
      ['labels/train/a.txt', '0 0.5 0.5 0.2 0.4\n'],
    ])
    const context = {
      signal: new AbortController().signal,
      onError: 'fail' as const,
      onLoss: () => undefined,
      onProblem: () => undefined,
      probe: async () => ({ kind: 'image' as const, width: 100, height: 50, orientation: 6 }),
    }
    const { items } = await adapter.read(folder, context)
    for await (const item of items) {
      expect(annotationsOf(item)).toMatchObject([{ x: 20, y: 30, width: 10, height: 40 }])
    }
  })

  it('does not hang on a list with a path of megabytes', async () => {
    const folder = memoryFolder([
      ['data.yaml', 'train: train.txt\nnames: [cat]'],
      ['train.txt', 'a/'.repeat(2 ** 21)],
    ])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({ code: 'DSV_FORMAT_SYNTAX' })
  })

  it('re-reads the item of a label file that came, and drops that of an image that went', async () => {
    const folder = memoryFolder([
      ['data.yaml', YAML],
      ['images/train/a.png', IMAGE],
      ['images/train/b.png', IMAGE],
      ['images/train/c.png', IMAGE],
    ])
    const { schema, items, layout } = await readAll(adapter, folder)
    const before = memoryDatasetView(schema, items, layout)
    folder.files.set('labels/train/a.txt', Buffer.from('0 0.5 0.5 0.2 0.4'))
    folder.files.delete('images/train/b.png')
    const changed = ['images/train/b.png', 'labels/train/a.txt']
    const patch = await adapter.readChanged?.(folder, changed, before, readContext(folder).context)
    expect(patch?.removed).toEqual([{ subset: 'train', id: 'b' }])
    const read: SourceItem[] = []
    for await (const item of patch?.items ?? []) read.push(item)
    expect(read.map(({ id }) => id)).toEqual(['a'])
    expect(annotationsOf(read[0])).toHaveLength(1)
  })

  it('needs a full read when data.yaml changed or two images of one name meet', async () => {
    const folder = memoryFolder([
      ['data.yaml', YAML],
      ['images/train/a.png', IMAGE],
    ])
    const { schema, items, layout } = await readAll(adapter, folder)
    const before = memoryDatasetView(schema, items, layout)
    const { context } = readContext(folder)
    expect(await adapter.readChanged?.(folder, ['data.yaml'], before, context)).toBeUndefined()
    folder.files.set('images/train/a.jpg', IMAGE)
    const changed = ['images/train/a.jpg']
    expect(await adapter.readChanged?.(folder, changed, before, context)).toBeUndefined()
  })

  it('takes a folder per class where the only YAML file is something else', async () => {
    const folder = memoryFolder([
      ['dvc.yaml', 'stages: {}'],
      ['train/cat/1.png', IMAGE],
      ['val/dog/1.png', IMAGE],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.flatMap(annotationsOf)).toMatchObject([{ category: 'cat' }, { category: 'dog' }])
  })
})
