import type { AnnotationDraft, Loss, SourceItem } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll, writeContext } from '../adapter-contract.ts'
import { itemsOf, memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('yolo')
const IMAGE = placeholder({ width: 640, height: 427 })
const schema = {
  categories: [
    { key: 'cat', name: 'cat' },
    { key: 'yes', name: 'yes: #1' },
  ],
  attributes: [],
  info: {},
}

function itemWith(...annotations: AnnotationDraft[]): SourceItem {
  return {
    subset: 'train',
    id: 'a',
    media: [{ role: 'primary', path: 'x/a.png', kind: 'image', width: 100, height: 50 }],
    layers: { ground_truth: annotations },
  }
}

function textOf(folder: MemoryFolder, path: string): string {
  return Buffer.from(folder.files.get(path) ?? []).toString()
}

async function writeItem(
  variant: string,
  ...annotations: AnnotationDraft[]
): Promise<{ readonly text: string; readonly losses: readonly string[] }> {
  const view = memoryDatasetView(schema, [itemWith(...annotations)])
  const { folder, losses } = await writeAll(adapter, view, { variant })
  return { text: textOf(folder, 'labels/train/a.txt'), losses: losses.map(({ what }) => what) }
}

const square = { type: 'polygon', category: 'cat', parts: [[[10, 10, 20, 10, 20, 20]]] } as const

describe('writing YOLO', () => {
  it('writes data.yaml with quoted names and relative folders', async () => {
    const { folder } = await writeAll(adapter, memoryDatasetView(schema, [itemWith()]))
    expect(annotationFiles(folder)).toEqual({
      'data.yaml': "train: images/train\nnames:\n  0: cat\n  1: 'yes: #1'\n",
    })
    expect([...folder.media]).toEqual(['images/train/a.png'])
  })

  it.each([
    'yes',
    'NO',
    'on',
    '1e3',
    '12:30:45',
    '=',
    '~',
    ' x ',
    "it's",
    'a\nb',
    'ünï',
    '- a',
    '',
  ])('writes the name %j so that it is read again', async (name) => {
    const named = { ...schema, categories: [{ key: 'k', name }] }
    const { folder } = await writeAll(adapter, memoryDatasetView(named, [itemWith()]))
    const { schema: read } = await readAll(adapter, folder)
    expect(read.categories.map((category) => category.name)).toEqual([name])
  })

  it('writes the box of a polygon in detect, and says so', async () => {
    expect(await writeItem('ultralytics-detect', square)).toEqual({
      text: '0 0.15 0.3 0.1 0.2\n',
      losses: ['geometry: polygon'],
    })
  })

  it('writes the box of a mask in detect', async () => {
    const mask = { type: 'mask', category: 'cat', width: 3, height: 4, counts: '525' } as const
    expect((await writeItem('ultralytics-detect', mask)).text).toBe('0 0.015 0.04 0.01 0.04\n')
  })

  it('makes one line of a box and its mask, and says that the mask is lost', async () => {
    const box = {
      type: 'box',
      category: 'cat',
      group: 1,
      x: 10,
      y: 10,
      width: 20,
      height: 20,
    } as const
    const polygon = { ...square, group: 1 }
    const detect = await writeItem('ultralytics-detect', polygon, box)
    expect(detect.text).toBe('0 0.2 0.4 0.2 0.4\n')
    expect(detect.losses).toContain('annotation: polygon')
    const segment = await writeItem('ultralytics-segment', box, polygon)
    expect(segment.text.split('\n')).toHaveLength(2)
    expect(segment.losses).toContain('annotation: box')
  })

  it('keeps both boxes of a group, which are two objects', async () => {
    const box = {
      type: 'box',
      category: 'cat',
      group: 1,
      x: 10,
      y: 10,
      width: 20,
      height: 20,
    } as const
    const { text } = await writeItem('ultralytics-detect', box, { ...box, x: 40 })
    expect(text.split('\n')).toHaveLength(3)
  })

  it('writes a box as a polygon of four corners in segment, and says so', async () => {
    const box = { type: 'box', category: 'cat', x: 10, y: 10, width: 10, height: 10 } as const
    expect(await writeItem('ultralytics-segment', box)).toEqual({
      text: '0 0.1 0.2 0.2 0.2 0.2 0.4 0.1 0.4\n',
      losses: ['geometry: box'],
    })
  })

  it('writes a polygon of several parts as several lines, and says so', async () => {
    const two = { ...square, parts: [...square.parts, ...square.parts] }
    const { text, losses } = await writeItem('ultralytics-segment', two)
    expect(text.split('\n')).toHaveLength(3)
    expect(losses).toEqual(['geometry: polygon'])
  })

  it('writes the corners of a rotated box in obb', async () => {
    const rotated = {
      type: 'rotated-box',
      category: 'cat',
      cx: 50,
      cy: 25,
      width: 20,
      height: 10,
      angle: Math.PI / 2,
    } as const
    expect((await writeItem('ultralytics-obb', rotated)).text).toBe(
      '0 0.55 0.3 0.55 0.7 0.45 0.7 0.45 0.3\n',
    )
  })

  it('reports what has no place in a line', async () => {
    const { text, losses } = await writeItem(
      'ultralytics-detect',
      { type: 'caption', category: 'cat', text: 'hello' },
      { type: 'box', x: 0, y: 0, width: 1, height: 1 },
      {
        type: 'box',
        category: 'cat',
        x: 0,
        y: 0,
        width: 100,
        height: 50,
        score: 0.5,
        track: 3,
        attributes: { pose: 'left' },
        occluded: true,
      },
    )
    expect(text).toBe('0 0.5 0.5 1 1\n')
    expect(losses).toEqual([
      'annotation: caption',
      'annotation: box',
      'attribute: pose',
      'field: occluded',
      'field: score',
      'field: track',
    ])
  })

  it('keeps the digits of a line that was not edited', async () => {
    const text = '0 0.133333 0.300000 0.2666670 2e-1\n1 0.1 0.2 0.3 0.4 0.95\n'
    expect(await rewrite(text)).toEqual({ text, losses: [] })
  })

  it('keeps %.6f and confidence when the numbers change', async () => {
    const text =
      '0 0.133333 0.300000 0.266667 0.200000\n1 0.500000 0.500000 0.250000 0.250000 0.9\n'
    const moved = await rewrite(text, (annotation) => {
      return annotation.type === 'box' ? { ...annotation, x: annotation.x + 64 } : annotation
    })
    expect(moved.text).toBe(
      '0 0.233333 0.300000 0.266667 0.200000\n1 0.600000 0.500000 0.250000 0.250000 0.9\n',
    )
  })

  it('keeps a box a box between polygons', async () => {
    const text = '0 0.5 0.5 0.25 0.25\n1 0 0 1 0 1 1\n'
    const moved = await rewrite(text, (annotation) => {
      return annotation.type === 'box' ? { ...annotation, x: annotation.x + 64 } : annotation
    })
    expect(moved).toEqual({ text: '0 0.6 0.5 0.25 0.25\n1 0 0 1 0 1 1\n', losses: [] })
  })

  it('keeps indexes with gaps, the order of keys and keys it does not know', async () => {
    const yaml = [
      'names:',
      '  3: dog',
      '  0: cat',
      'license: CC-BY',
      'val: images/train',
      'roboflow:',
      '  version: 1',
      '',
    ].join('\n')
    const folder = memoryFolder([
      ['data.yaml', yaml],
      ['images/train/a.png', IMAGE],
      ['labels/train/a.txt', '3 0.5 0.5 0.25 0.25\n'],
    ])
    const read = await readAll(adapter, folder)
    const again = await writeAll(adapter, memoryDatasetView(read.schema, read.items, read.layout))
    expect(annotationFiles(again.folder)).toEqual({
      'data.yaml': yaml.replace('  3: dog\n  0: cat', '  0: cat\n  3: dog'),
      'labels/train/a.txt': '3 0.5 0.5 0.25 0.25\n',
    })
  })

  it('writes a new image beside the others of its subset', async () => {
    const folder = memoryFolder([
      ['data.yaml', 'train: ../train/images\nval: ../valid/images\nnames: [cat]\n'],
      ['train/images/a.png', IMAGE],
      ['valid/images/b.png', IMAGE],
    ])
    const read = await readAll(adapter, folder)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const box = {
      type: 'box',
      uid: '1',
      category: 'cat',
      x: 0,
      y: 0,
      width: 100,
      height: 50,
    } as const
    const after = { ...itemWith(), subset: 'val', id: 'new', layers: { ground_truth: [box] } }
    const target = memoryFolder()
    const edits = [{ before: undefined, after }]
    expect(await adapter.writeChanged?.(view, edits, target, writeContext([]))).toEqual([])
    expect([...target.files.keys()]).toEqual(['valid/images/new.png', 'valid/labels/new.txt'])
  })

  it('writes nothing for a few edits when a class is new', async () => {
    const folder = memoryFolder([
      ['data.yaml', 'train: images\nnames: [cat]\n'],
      ['images/a.png', IMAGE],
    ])
    const read = await readAll(adapter, folder)
    const categories = [...read.schema.categories, { key: 'dog', name: 'dog' }]
    const view = memoryDatasetView({ ...read.schema, categories }, read.items, read.layout)
    const [item] = await itemsOf(view)
    const edits = [{ before: item, after: item }]
    expect(await adapter.writeChanged?.(view, edits, memoryFolder(), writeContext([]))).toBe(
      undefined,
    )
  })

  it('refuses an id that would leave the folder', async () => {
    const item = { ...itemWith(), id: '../../evil' }
    const written = writeAll(adapter, memoryDatasetView(schema, [item]))
    await expect(written).rejects.toMatchObject({ code: 'DSV_PATH_UNSAFE' })
  })
})

async function rewrite(
  text: string,
  change: (annotation: AnnotationDraft) => AnnotationDraft = (annotation) => annotation,
): Promise<{ readonly text: string; readonly losses: readonly Loss[] }> {
  const folder = memoryFolder([
    ['data.yaml', 'train: images/train\nnames: [cat, dog]\n'],
    ['images/train/a.png', IMAGE],
    ['labels/train/a.txt', text],
  ])
  const { schema: read, items, layout } = await readAll(adapter, folder)
  const edited = items.map((item) => ({
    ...item,
    layers: { ground_truth: (item.layers['ground_truth'] ?? []).map(change) },
  }))
  const again = await writeAll(adapter, memoryDatasetView(read, edited, layout))
  return { text: textOf(again.folder, 'labels/train/a.txt'), losses: again.losses }
}
