import type { AnnotationDraft, Folder, SourceItem } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { decodePng } from '../../src/media/png.ts'
import { vocAdapter } from '../../src/voc/index.ts'
import { annotationFiles, readAll, writeAll, writeContext } from '../adapter-contract.ts'
import { itemsOf, memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import {
  annotationXml,
  DEVKIT_XML,
  imageFile,
  maskPng,
  objectXml,
  vocFolder,
} from './voc-fixtures.ts'

async function rewrite(folder: Folder): Promise<MemoryFolder> {
  const { schema, items, layout } = await readAll(vocAdapter, folder)
  return (await writeAll(vocAdapter, memoryDatasetView(schema, items, layout))).folder
}

function itemWith(annotations: readonly AnnotationDraft[], id = 'a', subset = 'train'): SourceItem {
  const medium = { role: 'primary', path: `${id}.jpg`, kind: 'image', width: 8, height: 6 } as const
  return { subset, id, media: [medium], layers: { ground_truth: annotations } }
}

const schema = {
  categories: ['cat', 'dog'].map((name) => ({ key: name, name })),
  attributes: [],
  info: {},
}
const box = { type: 'box', x: 1, y: 2, width: 3, height: 4, category: 'cat' } as const

describe('vocAdapter.write', () => {
  it('gives back the bytes of a development kit: XML, masks and lists', async () => {
    const classes = ['00000000', '0##00000', '0#5#0000', '0#5#8800', '0###8800', '00000000']
    const folder = vocFolder(
      {
        '2007_000027': DEVKIT_XML,
        '2007_000032': DEVKIT_XML.replace('2007_000027', '2007_000032').replace(
          '>1</seg',
          '>0</seg',
        ),
      },
      {
        'SegmentationClass/2007_000027.png': maskPng(classes),
        'SegmentationObject/2007_000027.png': maskPng(
          classes.map((row) => row.replaceAll('5', '1').replaceAll('8', '2')),
        ),
        'ImageSets/Main/train.txt': '2007_000027\n',
        'ImageSets/Main/trainval.txt': '2007_000027\n2007_000032\n',
        'ImageSets/Main/val.txt': '2007_000032\n',
        'ImageSets/Main/cat_train.txt': '2007_000027  1\n',
        'ImageSets/Main/cat_val.txt': '2007_000032 -1\n',
        'ImageSets/Main/dog_train.txt': '2007_000027  0\n',
        'ImageSets/Segmentation/train.txt': '2007_000027\n',
        'ImageSets/Layout/train.txt': '2007_000027  1\n',
      },
    )
    const written = annotationFiles(await rewrite(folder))
    const expected = Object.entries(annotationFiles(folder))
    const files = expected.filter(([path]) => !path.startsWith('JPEGImages/'))
    expect(files.map(([path]) => [path, written[path]])).toEqual(files)
  })

  it('keeps the way a tool indents and orders its files', async () => {
    const xml = [
      '<?xml version="1.0" encoding="utf-8"?>',
      '<annotation>',
      '  <filename>a.jpg</filename>',
      '  <folder></folder>',
      '  <segmented>0</segmented>',
      '  <weather>',
      '    <rain unit="mm">3</rain>',
      '  </weather>',
      '  <object>',
      '    <bndbox>',
      '      <xmin>1</xmin>',
      '      <xmax>2</xmax>',
      '      <ymin>3</ymin>',
      '      <ymax>4</ymax>',
      '    </bndbox>',
      '    <name>cat</name>',
      '    <weight>4 &lt; 5</weight>',
      '  </object>',
      '</annotation>',
    ].join('\r\n')
    const written = await rewrite(vocFolder({ a: xml }))
    expect(Buffer.from(written.files.get('Annotations/a.xml') ?? '').toString()).toBe(
      xml.replace('"utf-8"', '"UTF-8"'),
    )
  })

  it('writes no label map and no lists where there were none', async () => {
    const written = await rewrite(vocFolder({ a: annotationXml(objectXml('lorry')) }))
    expect([...written.files.keys()].toSorted()).toEqual(['Annotations/a.xml', 'JPEGImages/a.jpg'])
  })

  it('writes no XML file for an image that had none', async () => {
    const folder = vocFolder({ a: annotationXml('') }, { 'JPEGImages/b.jpg': imageFile })
    expect((await rewrite(folder)).files.has('Annotations/b.xml')).toBe(false)
  })

  it('keeps files of an image in a folder that is named like its subset', async () => {
    const folder = vocFolder(
      { 'train/a': annotationXml('') },
      { 'ImageSets/Main/train.txt': 'train/a\n' },
    )
    const { items } = await readAll(vocAdapter, folder)
    expect(items.map(({ id }) => id)).toEqual(['a'])
    expect((await rewrite(folder)).files.has('Annotations/train/a.xml')).toBe(true)
  })

  it('keeps apart images of one id in two subsets', async () => {
    const items = [itemWith([box], 'a', 'train'), itemWith([], 'a', 'val')]
    const { folder } = await writeAll(vocAdapter, memoryDatasetView(schema, items))
    expect(folder.files.has('Annotations/val/a.xml')).toBe(true)
    const back = await readAll(vocAdapter, folder)
    expect(back.items.map(({ subset, id }) => `${subset} ${id}`)).toEqual(['train a', 'val a'])
  })

  it('draws polygons as masks of the class and of the object, with a box around them', async () => {
    const polygon = {
      type: 'polygon',
      parts: [[[1, 1, 5, 1, 5, 4, 1, 4]]],
      category: 'dog',
    } as const
    const view = memoryDatasetView(schema, [itemWith([box, polygon])])
    const { folder, losses } = await writeAll(vocAdapter, view)
    expect(losses).toEqual([{ what: 'annotation: polygon', where: 'train/a' }])
    const { data } = decodePng(folder.files.get('SegmentationClass/a.png') ?? new Uint8Array())
    expect([...data.subarray(8, 16)]).toEqual([0, 2, 2, 2, 2, 0, 0, 0])
    const [item] = (await readAll(vocAdapter, folder)).items
    expect(item?.layers['ground_truth']?.map(({ type, group }) => [type, group])).toEqual([
      ['box', undefined],
      ['box', 2],
      ['mask', 2],
    ])
  })

  it('reports what later masks cover', async () => {
    const mask = { type: 'mask', width: 8, height: 6, category: 'cat', counts: '0`1' } as const
    const view = memoryDatasetView(schema, [itemWith([mask, { ...mask, category: 'dog' }])])
    const { losses } = await writeAll(vocAdapter, view)
    expect(losses.map(({ what }) => what)).toEqual(['annotation: mask'])
  })

  it.each<[string, AnnotationDraft, readonly string[]]>([
    ['a box without name', { type: 'box', x: 0, y: 0, width: 1, height: 1 }, ['annotation: box']],
    ['a score', { ...box, score: 0.5 }, ['field: score']],
    ['a group that no part shares', { ...box, group: 7 }, ['field: group']],
    ['a list', { ...box, attributes: { a: [1] } }, ['attribute: a']],
    ['text that would become a number', { ...box, attributes: { a: '1.0' } }, ['attribute: a']],
    ['what other formats left', { ...box, extra: { coco: 1 } }, ['field: extra']],
    ['a caption', { type: 'caption', text: 'x' }, ['annotation: caption']],
    [
      'a rotated box',
      { type: 'rotated-box', cx: 3, cy: 3, width: 2, height: 2, angle: 1, category: 'cat' },
      ['annotation: rotated-box'],
    ],
  ])('reports %s', async (_, annotation, expected) => {
    const { losses } = await writeAll(
      vocAdapter,
      memoryDatasetView(schema, [itemWith([annotation])]),
    )
    expect(losses.map(({ what }) => what)).toEqual(expected)
  })

  it('reports a subset that is no usual name of a folder when files lie beside each other', async () => {
    const view = memoryDatasetView(schema, [itemWith([], 'a', 'monday')])
    const { losses } = await writeAll(vocAdapter, view, { variant: 'flat' })
    expect(losses).toEqual([{ what: 'item', where: 'monday/a' }])
  })

  it('does not tie a mask to a box that it has nothing to do with', async () => {
    const mask = { type: 'mask', width: 8, height: 6, category: 'cat', counts: '0`1' } as const
    const view = memoryDatasetView(schema, [itemWith([box, mask])])
    const { folder, losses } = await writeAll(vocAdapter, view)
    const [item] = (await readAll(vocAdapter, folder)).items
    expect(losses).toEqual([])
    expect(item?.layers['ground_truth']).toEqual([box, mask])
  })

  it('takes an image out of the union that its new subset is no part of', async () => {
    const folder = vocFolder(
      { a: annotationXml('') },
      {
        'ImageSets/Main/train.txt': 'a\n',
        'ImageSets/Main/trainval.txt': 'a\n',
        'ImageSets/Layout/trainval.txt': 'a  1\n',
      },
    )
    const read = await readAll(vocAdapter, folder)
    const items = read.items.map((item) => ({ ...item, subset: 'test' }))
    const view = memoryDatasetView(read.schema, items, read.layout)
    const written = annotationFiles((await writeAll(vocAdapter, view)).folder)
    expect(written['ImageSets/Main/test.txt']).toBe('a\n')
    expect(written['ImageSets/Main/trainval.txt']).toBe('')
  })

  it('moves an image to the lists of its new subset, union included', async () => {
    const folder = vocFolder(
      { a: annotationXml(''), b: annotationXml('') },
      {
        'ImageSets/Main/train.txt': 'a\n',
        'ImageSets/Main/val.txt': 'b\n',
        'ImageSets/Main/trainval.txt': 'a\nb\n',
        'ImageSets/Layout/train.txt': 'a  1\n',
      },
    )
    const read = await readAll(vocAdapter, folder)
    const items = read.items.map((item) => ({ ...item, subset: 'val' }))
    const view = memoryDatasetView(read.schema, items, read.layout)
    const written = annotationFiles((await writeAll(vocAdapter, view)).folder)
    expect(written['ImageSets/Main/train.txt']).toBe('')
    expect(written['ImageSets/Main/val.txt']).toBe('a\nb\n')
    expect(written['ImageSets/Main/trainval.txt']).toBe('a\nb\n')
    expect(written['ImageSets/Layout/val.txt']).toBe('a  1\n')
  })
})

describe('vocAdapter.writeChanged', () => {
  it('writes one XML file when boxes of one image changed', async () => {
    const items = [itemWith([box], 'a'), itemWith([box], 'b')]
    const first = memoryDatasetView(schema, items)
    const { layout } = await writeAll(vocAdapter, first)
    const after = memoryDatasetView(schema, [itemWith([], 'a'), itemWith([box], 'b')], layout)
    const [before] = await itemsOf(first)
    const [changed] = await itemsOf(after)
    const target = memoryFolder()
    await vocAdapter.writeChanged?.(after, [{ before, after: changed }], target, writeContext([]))
    expect([...target.files.keys()].filter((path) => !target.media.has(path))).toEqual([
      'Annotations/a.xml',
    ])
  })

  it('leaves a renamed category to a full write', async () => {
    const { layout } = await writeAll(vocAdapter, memoryDatasetView(schema, [itemWith([box])]))
    const renamed = { ...schema, categories: [{ key: 'cat', name: 'Katze' }] }
    const after = memoryDatasetView(renamed, [itemWith([box])], layout)
    expect(
      await vocAdapter.writeChanged?.(after, [], memoryFolder(), writeContext([])),
    ).toBeUndefined()
  })
})
