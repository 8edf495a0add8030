import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodeMaskPng } from '../../src/shared/mask-png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('open-images')
const IMAGE = placeholder({ width: 640, height: 480 })
const BOX_COLUMNS =
  'ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside'
const HIERARCHY = JSON.stringify({
  LabelName: '/m/0bl9f',
  Subcategory: [
    {
      LabelName: '/m/0jbk',
      Subcategory: [{ LabelName: '/m/01yrx' }, { LabelName: '/m/0bt9lr' }],
      Part: [{ LabelName: '/m/0dzct' }],
    },
  ],
})

/** A little of everything that the official files of version 6 hold. */
function versionSix(): MemoryFolder {
  return memoryFolder([
    [
      'annotations/oidv6-class-descriptions.csv',
      'LabelName,DisplayName\n/m/0jbk,Animal\n/m/01yrx,Cat\n/m/0bt9lr,"Dog, domestic"\n',
    ],
    ['annotations/bbox_labels_600_hierarchy.json', HIERARCHY],
    [
      'annotations/oidv6-train-annotations-bbox.csv',
      `${BOX_COLUMNS},XClick1X\na,xclick,/m/01yrx,1,0.1,0.3,0.25,0.75,1,0,-1,0,1,0.125\n` +
        'b,xclick,/m/0bt9lr,1,0,1,0,1,0,0,0,0,0,0.5\na,activemil,/m/0jbk,1,0,0.5,0,0.5,0,1,1,0,0,-1\n',
    ],
    [
      'annotations/oidv6-train-annotations-human-imagelabels.csv',
      'ImageID,Source,LabelName,Confidence\na,verification,/m/01yrx,1\na,verification,/m/0bt9lr,0\n',
    ],
    [
      'annotations/train-annotations-machine-imagelabels.csv',
      'ImageID,Source,LabelName,Confidence\nb,machine,/m/0jbk,0.7\n',
    ],
    [
      'annotations/train-annotations-object-segmentation.csv',
      'MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks\n' +
        'a_m01yrx_1f.png,a,/m/01yrx,1f,0.1,0.3,0.25,0.75,0.9,0.1 0.2 1;0.3 0.4 0\n',
    ],
    [
      'annotations/oidv6-train-images-with-labels-with-rotation.csv',
      'ImageID,Subset,OriginalURL,Author,Title,Rotation\n' +
        'a,train,http://x/a.jpg,Ada,"a ""big""\ncat",270.0\nb,train,,,,\n',
    ],
    ['images/train/a.jpg', IMAGE],
    ['images/train/b.jpg', IMAGE],
    // Half as large as the image: the pixels below and right of the middle.
    ['masks/train/a_m01yrx_1f.png', encodeMaskPng({ width: 2, height: 2, counts: [3, 1] }, 255)],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading version 6', () => {
  it('reads boxes with their flags: -1 is not known', async () => {
    const { items } = await readAll(adapter, versionSix())
    expect(items.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(truth(items[0]).filter(({ type }) => type === 'box')).toMatchObject([
      {
        category: '/m/01yrx',
        x: 64,
        y: 120,
        width: 128,
        height: 240,
        occluded: true,
        truncated: false,
        attributes: { source: 'xclick', is_depiction: false, is_inside: true },
        extra: { 'open-images': { XClick1X: '0.125' } },
      },
      { category: '/m/0jbk', attributes: { source: 'activemil', is_group_of: true } },
    ])
    expect(truth(items[0])[0]?.attributes).not.toHaveProperty('is_group_of')
  })

  it('reads labels of people and machines with their confidence: 0 says that it is not there', async () => {
    const { items } = await readAll(adapter, versionSix())
    const labels = items.map((item) => truth(item).filter(({ type }) => type === 'label'))
    expect(labels).toEqual([
      [
        { type: 'label', category: '/m/01yrx', score: 1, attributes: { source: 'verification' } },
        { type: 'label', category: '/m/0bt9lr', score: 0, attributes: { source: 'verification' } },
      ],
      [{ type: 'label', category: '/m/0jbk', score: 0.7, attributes: { source: 'machine' } }],
    ])
  })

  it('makes a mask as large as its image', async () => {
    const { items } = await readAll(adapter, versionSix())
    const [mask] = truth(items[0]).filter(({ type }) => type === 'mask')
    expect(mask).toMatchObject({
      width: 640,
      height: 480,
      box: [64, 120, 128, 240],
      attributes: { box_id: '1f', predicted_iou: 0.9 },
      extra: { 'open-images': { Clicks: '0.1 0.2 1;0.3 0.4 0' } },
    })
  })

  it('knows classes by machine name, shows their names, and who is above whom', async () => {
    const { schema } = await readAll(adapter, versionSix())
    expect(schema.categories).toEqual([
      { key: '/m/0jbk', name: 'Animal', sourceIds: { 'open-images': '/m/0jbk' } },
      {
        key: '/m/01yrx',
        name: 'Cat',
        parent: '/m/0jbk',
        sourceIds: { 'open-images': '/m/01yrx' },
      },
      {
        key: '/m/0bt9lr',
        name: 'Dog, domestic',
        parent: '/m/0jbk',
        sourceIds: { 'open-images': '/m/0bt9lr' },
      },
    ])
  })

  it('is written with all of it into files of the same names', async () => {
    const source = versionSix()
    const read = await readAll(adapter, source)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const written = [...folder.files.keys()].filter((path) => !path.endsWith('images.meta'))
    expect(written.toSorted()).toEqual([...source.files.keys()].toSorted())
    const again = await readAll(adapter, folder)
    expect([...again.items]).toEqual([...read.items])
    expect(again.schema).toEqual(read.schema)
    expect(
      JSON.parse(
        Buffer.from(await folder.read('annotations/bbox_labels_600_hierarchy.json')).toString(),
      ),
    ).toEqual(JSON.parse(HIERARCHY))
  })
})

describe('reading', () => {
  const boxes = `${BOX_COLUMNS}\na,,/m/1,1,0.5,1,0.5,1,0,0,0,0,0\n`

  it('takes sizes from images.meta where there is no image, and reports boxes without any', async () => {
    const folder = memoryFolder([['annotations/val-annotations-bbox.csv', boxes]])
    const without = await readAll(adapter, folder)
    expect(without.losses).toMatchObject([{ what: 'annotation: box' }])
    expect(truth(without.items[0])).toEqual([])
    await folder.write('annotations/images.meta', Buffer.from('"b c" 1 2\na 20 10\n'))
    const { items, schema } = await readAll(adapter, folder)
    expect(truth(items[0])).toMatchObject([{ x: 5, y: 10, width: 5, height: 10 }])
    expect(schema.categories).toMatchObject([{ key: '/m/1', name: '/m/1' }])
  })

  it('takes subsets from the list of all images', async () => {
    const list = 'ImageID,Subset,Rotation\na,validation,\nb,train,90\n'
    const { items } = await readAll(adapter, memoryFolder([['image_ids_and_rotation.csv', list]]))
    expect(items).toMatchObject([
      { subset: 'validation', id: 'a' },
      { subset: 'train', id: 'b', extra: { 'open-images': { Rotation: '90' } } },
    ])
  })

  it.each([
    ['ImageID,LabelName\na,/m/1\n', /has no column XMin/],
    [boxes.replace('0.5', 'wide'), /XMin of image a should be a number: wide/],
    [`${boxes}"b`, /no valid CSV/],
  ])('names the place of what is wrong: %#', async (text, message) => {
    const folder = memoryFolder([
      ['annotations/val-annotations-bbox.csv', text],
      ['images/val/a.jpg', IMAGE],
    ])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })

  it('names a mask that is not there, and goes on without it when told to', async () => {
    const table = 'MaskPath,ImageID,LabelName\nx.png,a,/m/1\n'
    const folder = memoryFolder([['a-annotations-object-segmentation.csv', table]])
    await expect(readAll(adapter, folder)).rejects.toThrow(
      /names the mask "x\.png", which is not there/,
    )
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('open_images')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s, but for the names of classes', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    // Datumaro calls a class by its machine name and forgets what it is called.
    expect(schema.categories.map(({ sourceIds }) => sourceIds?.['open-images'])).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(schema.categories.map(({ name }) => name)).toEqual([
      'Generic label #0',
      'Generic label #1',
    ])
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
    const paths = items.map(({ id, media }) => [id, media[0]?.path])
    expect(Object.fromEntries(paths)).toEqual(
      Object.fromEntries(fact.items.map(({ id, media }) => [id, media?.path])),
    )
  })
})
