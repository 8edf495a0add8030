import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { maskedCrc32c } from '../../src/tf-detection-api/crc32c.ts'
import { formatLabelMap, parseLabelMap } from '../../src/tf-detection-api/label-map.ts'
import {
  decodeExample,
  encodeExample,
  type TfFeature,
} from '../../src/tf-detection-api/tf-example.ts'
import { encodeTfRecord } from '../../src/tf-detection-api/tf-record.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('tf-detection-api')
const IMAGE = placeholder({ width: 640, height: 480 })

type Features = Readonly<Record<string, readonly (string | number | Uint8Array)[]>>

/** Text and bytes are bytes, whole numbers of classes and flags integers, all else floats. */
function example(features: Features): Uint8Array {
  const typed = Object.entries(features).map(([name, values]): [string, TfFeature] => {
    const bytes = values.filter((each) => typeof each !== 'number').map((each) => Buffer.from(each))
    const numbers = values.filter((each) => typeof each === 'number')
    if (bytes.length > 0) return [name, { type: 'bytes', values: bytes }]
    const isFloat = /bbox|area|confidence|weight|score|keypoint/u.test(name)
    return [name, { type: isFloat ? 'float' : 'int64', values: numbers }]
  })
  return encodeTfRecord(encodeExample(new Map(typed)))
}

const BOX = {
  'image/object/bbox/xmin': [0.1],
  'image/object/bbox/ymin': [0.25],
  'image/object/bbox/xmax': [0.3],
  'image/object/bbox/ymax': [0.75],
}

function folderOf(...examples: readonly Features[]): MemoryFolder {
  return memoryFolder([['train.record', Buffer.concat(examples.map(example))]])
}

async function only(folder: MemoryFolder): Promise<SourceItem> {
  const { items } = await readAll(adapter, folder)
  const [item] = items
  if (item === undefined || items.length > 1) throw new Error(`${items.length} items`)
  return item
}

const truth = (item: SourceItem): readonly AnnotationDraft[] => item.layers['ground_truth'] ?? []

describe('maskedCrc32c', () => {
  it('gives the remainder of RFC 3720, turned and shifted', () => {
    const crc = 0xe306_9283
    const masked = (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe(masked)
  })
})

describe('a tf.Example', () => {
  it('comes back as it was encoded', () => {
    const feature: fc.Arbitrary<TfFeature> = fc.oneof(
      fc.record({ type: fc.constant('bytes' as const), values: fc.array(fc.uint8Array()) }),
      fc.record({ type: fc.constant('float' as const), values: fc.array(fc.float()) }),
      fc.record({
        type: fc.constant('int64' as const),
        values: fc.array(fc.oneof(fc.maxSafeInteger(), fc.constant('-9223372036854775808'))),
      }),
    )
    const examples = fc.uniqueArray(fc.tuple(fc.string(), feature), { selector: ([name]) => name })
    fc.assert(
      fc.property(examples, (entries) => {
        const decoded = decodeExample(encodeExample(new Map(entries)), { file: 'f', record: 0 })
        const plain = (each: Iterable<readonly [string, TfFeature]>): unknown =>
          [...each].map(([name, { type, values }]) => [
            name,
            type,
            values.map((value) =>
              typeof value === 'object' ? Buffer.from(value).toString('hex') : value,
            ),
          ])
        expect(plain(decoded)).toEqual(plain(entries))
      }),
    )
  })

  it('may hold numbers that are not packed', () => {
    const list = Buffer.from([0x08, 3, 0x08, 4])
    const entry = Buffer.from([0x0a, 1, 0x61, 0x12, list.length + 2, 0x1a, list.length, ...list])
    const features = Buffer.from([0x0a, entry.length, ...entry])
    const bytes = Buffer.from([0x0a, features.length, ...features])
    const decoded = decodeExample(bytes, { file: 'f', record: 0 })
    expect(decoded.get('a')).toEqual({ type: 'int64', values: [3, 4] })
  })
})

describe('a label map', () => {
  it('is read with comments, nested fields, lists and texts of either quote', () => {
    const text = `# classes
      item { name: "/m/01" id: 1 display_name: 'a \\'cat\\'' keypoints { id: 0 label: "nose" } }
      item: < id: 2, name: 'dog' ancestor_ids: [3, 4] >`
    const items = parseLabelMap(Buffer.from(text), 'map.pbtxt')
    expect(items).toMatchObject([
      { id: 1, name: '/m/01', displayName: "a 'cat'" },
      {
        id: 2,
        name: 'dog',
        rest: [
          ['ancestor_ids', 3],
          ['ancestor_ids', 4],
        ],
      },
    ])
    expect(parseLabelMap(Buffer.from(formatLabelMap(items)), 'map.pbtxt')).toEqual(items)
  })

  it.each(['item {', 'item { id: "a" }', 'item { name: }', '}', 'item { id: 1.5 }', '!'])(
    'is refused with its line: %s',
    (text) => {
      const parse = (): unknown => parseLabelMap(Buffer.from(text), 'map.pbtxt')
      expect(parse).toThrow(/map\.pbtxt: /)
    },
  )
})

describe('reading', () => {
  it('gives the decimal pixels that 32 bits stand for, not their rounding errors', async () => {
    const item = await only(
      folderOf({ 'image/encoded': [IMAGE], 'image/filename': ['a.png'], ...BOX }),
    )
    expect(truth(item)).toEqual([{ type: 'box', x: 64, y: 120, width: 128, height: 240 }])
  })

  it('keeps features that it does not know, of objects and of the image', async () => {
    const features = {
      'image/encoded': [IMAGE],
      'image/filename': ['a.png'],
      ...BOX,
      'image/object/weight': [0.5],
      'image/object/keypoint/x': [0.1, 0.2],
      'image/camera': ['left'],
    }
    const item = await only(folderOf(features))
    const { folder, losses } = await writeAll(
      adapter,
      memoryDatasetView({ categories: [], attributes: [], info: {} }, [item]),
    )
    expect(losses).toEqual([])
    expect(await only(folder)).toEqual(item)
    expect(truth(item)[0]?.extra).toHaveProperty(['tf-detection-api', 'image/object/weight'])
    expect(item.extra).toHaveProperty(['tf-detection-api', 'features', 'image/camera'])
  })

  it('finds the classes in the examples where there is no label map', async () => {
    const classes = { 'image/object/class/text': ['dog'], 'image/object/class/label': [2] }
    const folder = folderOf({
      'image/encoded': [IMAGE],
      'image/filename': ['a.png'],
      ...BOX,
      ...classes,
    })
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories).toMatchObject([{ name: 'dog', sourceIds: { 'tf-detection-api': 2 } }])
    expect(truth(items[0] as SourceItem)).toMatchObject([{ category: 'dog' }])
  })

  it('reads flags, crowds, views, image labels and masks of numbers', async () => {
    const pixels = Array.from({ length: 12 }, (_, at) => (at === 1 || at === 5 ? 1 : 0))
    const item = await only(
      folderOf({
        'image/width': [4],
        'image/height': [3],
        'image/filename': ['deep/a.png'],
        'image/class/text': ['cat'],
        'image/class/confidence': [0.9],
        ...BOX,
        'image/object/difficult': [1],
        'image/object/truncated': [0],
        'image/object/is_crowd': [1],
        'image/object/view': ['Rear'],
        'image/object/mask': pixels,
      }),
    )
    expect(item).toMatchObject({ id: 'deep/a', subset: 'train' })
    expect(truth(item)).toMatchObject([
      { type: 'label', category: 'cat', score: 0.9 },
      {
        type: 'mask',
        width: 4,
        height: 3,
        crowd: true,
        truncated: false,
        attributes: { difficult: true, view: 'Rear' },
        counts: '327', // 3 of background, 2 of foreground, 7 of background
      },
    ])
  })

  it('takes the shards of a set as one subset, and the folder of Roboflow as its name', async () => {
    const record = (name: string): Uint8Array =>
      example({ 'image/filename': [name], 'image/encoded': [IMAGE] })
    const folder = memoryFolder([
      ['coco_train.record-00000-of-00002', record('a.jpg')],
      ['coco_train.record-00001-of-00002', record('b.jpg')],
      ['valid/Objects.tfrecord', record('c.jpg')],
      ['valid/Objects_label_map.pbtxt', "item { name: 'cat', id: 1 }"],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ subset, id }) => `${subset}/${id}`)).toEqual([
      'coco_train/a',
      'coco_train/b',
      'valid/c',
    ])
  })

  it.each([
    [{ 'image/object/bbox/xmin': [0.1] }, /different numbers of xmin/],
    [
      { ...BOX, 'image/object/class/text': ['a', 'b'] },
      /2 values for 1 boxes in image\/object\/class\/text/,
    ],
    [{ ...BOX, 'image/object/mask': ['no png'] }, /a mask of record 0/],
    [{ 'image/filename': [3] }, /int64 in image\/filename, which should be bytes/],
  ])('names the record that is wrong: %#', async (features, message) => {
    const folder = folderOf({ 'image/encoded': [IMAGE], ...features })
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })

  it('leaves out a record that does not fit its checksum, and reads the others', async () => {
    const good = example({ 'image/filename': ['b.png'], 'image/encoded': [IMAGE] })
    const bad = Buffer.from(example({ 'image/filename': ['a.png'], 'image/encoded': [IMAGE] }))
    bad[40] = (bad[40] ?? 0) ^ 1
    const folder = memoryFolder([['train.tfrecord', Buffer.concat([bad, good])]])
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(items.map(({ id }) => id)).toEqual(['b'])
    expect(problems).toMatchObject([{ message: expect.stringContaining('record 0') }])
  })
})

describe('writing', () => {
  it('reports numbers that 32 bits cannot hold', async () => {
    const medium = {
      role: 'primary',
      path: 'a.png',
      kind: 'image',
      width: 640,
      height: 480,
    } as const
    const box = { type: 'box', x: 1 / 3, y: 1, width: 2, height: 3.5 } as const
    const item = { subset: 'train', id: 'a', media: [medium], layers: { ground_truth: [box] } }
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [item])
    const { losses } = await writeAll(adapter, view)
    expect(losses).toEqual([{ what: 'field: x', where: 'train/a' }])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('tf_detection_api')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.9)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
  })
})
