import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { vocAdapter } from '../../src/voc/index.ts'
import { readAll } from '../adapter-contract.ts'
import { type MemoryFolder, memoryFolder } from '../memory-folder.ts'
import {
  annotationXml,
  DEVKIT_XML,
  imageFile,
  maskPng,
  objectXml,
  vocFolder,
} from './voc-fixtures.ts'

async function readItems(folder: MemoryFolder): Promise<readonly SourceItem[]> {
  return (await readAll(vocAdapter, folder)).items
}

async function readAnnotations(inner: string): Promise<readonly AnnotationDraft[]> {
  const [item] = await readItems(vocFolder({ a: annotationXml(inner) }))
  return item?.layers['ground_truth'] ?? []
}

async function problemOf(xml: string | Uint8Array): Promise<string> {
  return readItems(vocFolder({ a: xml })).then(
    () => 'no problem',
    (error: Error) => error.message,
  )
}

describe('vocAdapter.read', () => {
  it('reads an object of the development kit with its part, actions and unknown elements', async () => {
    const [item] = await readItems(vocFolder({ '2007_000027': DEVKIT_XML }))
    expect(item?.layers['ground_truth']).toEqual([
      {
        type: 'box',
        category: 'person',
        x: 1,
        y: 2,
        width: 3,
        height: 4,
        truncated: false,
        group: 1,
        attributes: { pose: 'Unspecified', difficult: true, jumping: false, reading: true },
        extra: {
          voc: {
            actions: ['jumping', 'reading'],
            elements: [
              {
                name: 'point',
                children: [
                  { name: 'x', text: '3' },
                  { name: 'y', text: '4' },
                ],
              },
            ],
          },
        },
      },
      {
        type: 'box',
        category: 'head',
        x: 2,
        y: 2,
        width: 1.5,
        height: 1,
        group: 1,
        extra: { voc: { part: true } },
      },
      {
        type: 'box',
        category: 'cat',
        x: 5,
        y: 1,
        width: 3,
        height: 3,
        truncated: true,
        attributes: { pose: 'Left', difficult: false },
      },
    ])
  })

  it('takes the twenty classes in their order when all names are among them', async () => {
    const { schema } = await readAll(vocAdapter, vocFolder({ a: DEVKIT_XML }))
    const names = schema.categories.map(({ name }) => name)
    expect(names.slice(0, 2)).toEqual(['aeroplane', 'bicycle'])
    expect(names.slice(19)).toEqual(['tvmonitor', 'head', 'hand', 'foot'])
    expect(schema.categories[20]?.parent).toBe('person')
    expect(schema.categories[14]?.color).toEqual([192, 128, 128])
  })

  it('takes other names in the order in which sorted files show them', async () => {
    const folder = vocFolder({
      b: annotationXml(objectXml('van')),
      a: annotationXml(objectXml('lorry') + objectXml('car')),
    })
    const { schema } = await readAll(vocAdapter, folder)
    expect(schema.categories).toEqual(['lorry', 'car', 'van'].map((name) => ({ key: name, name })))
  })

  it('takes categories from the label map, and adds names that it forgot', async () => {
    const labels =
      '# label:color_rgb:parts:actions\r\nbackground:0,0,0::\r\nman:1,2,3:arm:run,sit\r\n'
    const folder = vocFolder({ a: annotationXml(objectXml('boat')) }, { 'labelmap.txt': labels })
    const { schema } = await readAll(vocAdapter, folder)
    expect(schema.categories).toEqual([
      { key: 'background', name: 'background', color: [0, 0, 0] },
      {
        key: 'man',
        name: 'man',
        color: [1, 2, 3],
        extra: { voc: { parts: ['arm'], actions: ['run', 'sit'] } },
      },
      { key: 'arm', name: 'arm', parent: 'man', extra: { voc: { part: true } } },
      { key: 'boat', name: 'boat' },
    ])
  })

  it('reads attributes as CVAT writes them, and remembers how numbers were written', async () => {
    const attributes = [
      ['rotation', '0.0'],
      ['Type', 'Van & <co>'],
      ['parked', 'True'],
      ['__proto__', 'x'],
    ].map(([name, value]) => {
      const text = value?.replace('&', '&amp;').replace('<', '&lt;')
      return `<attribute><name>${name}</name><value>${text}</value></attribute>`
    })
    const more = `<attributes>${attributes.join('')}</attributes>`
    const [box] = await readAnnotations(objectXml('car', '1 2 3 4', more))
    expect(Object.entries(box?.attributes ?? {})).toEqual([
      ['rotation', 0],
      ['Type', 'Van & <co>'],
      ['parked', true],
      ['__proto__', 'x'],
    ])
    expect(box?.extra).toEqual({ voc: { texts: { rotation: '0.0', parked: 'True' } } })
  })

  it('keeps coordinates as they are, fractions and far corners included', async () => {
    const [box] = await readAnnotations(objectXml('car', '0.1 -2 0.3 1e2'))
    expect(box).toMatchObject({ x: 0.1, y: -2, width: 0.3 - 0.1, height: 102 })
  })

  it('counts an image in train and trainval once, and remembers the union', async () => {
    const folder = vocFolder(
      { a: annotationXml(''), b: annotationXml(''), c: annotationXml('') },
      {
        'ImageSets/Main/train.txt': 'a\n',
        'ImageSets/Main/trainval.txt': 'b\r\na\r\n',
        'ImageSets/Main/val.txt': 'b\n\n',
      },
    )
    const items = await readItems(folder)
    expect(items.map(({ subset, id, extra }) => [subset, id, extra])).toEqual([
      ['train', 'a', expect.not.objectContaining({ sets: expect.anything() })],
      ['val', 'b', expect.anything()],
      ['default', 'c', { voc: expect.objectContaining({ sets: {} }) }],
    ])
  })

  it('reads lists of classes as labels of the image', async () => {
    const folder = vocFolder(
      { a: annotationXml('') },
      {
        'ImageSets/Main/train.txt': 'a\n',
        'ImageSets/Main/cat_train.txt': 'a  1\n',
        'ImageSets/Main/dog_train.txt': 'a -1\n',
        'ImageSets/Main/cow_train.txt': 'a  0\n',
      },
    )
    const [item] = await readItems(folder)
    expect(item?.layers['ground_truth']).toEqual(
      [
        { type: 'label', category: 'cat' },
        { type: 'label', category: 'cow', attributes: { difficult: true } },
      ].toSorted((x, y) => (x.category < y.category ? -1 : 1)),
    )
  })

  it('remembers which objects the lists of layouts and actions mean', async () => {
    const folder = vocFolder(
      { a: DEVKIT_XML },
      {
        'ImageSets/Action/train.txt': 'a  1\na  2\n',
        'ImageSets/Action/reading_train.txt': 'a  1  1\na  2 -1\n',
        'ImageSets/Main/train.txt': 'a\n',
      },
    )
    const { items, losses } = await readAll(vocAdapter, folder)
    expect(items[0]?.extra?.['voc']).toMatchObject({
      sets: { 'Action/train': [1, 2], 'Main/train': [] },
    })
    expect(losses).toEqual([{ what: 'attribute: reading', where: 'train/a' }])
  })

  it('reads items that only a list names', async () => {
    const folder = memoryFolder([['ImageSets/Main/test.txt', '"a b"\n']])
    expect(await readItems(folder)).toEqual([
      {
        subset: 'test',
        id: 'a b',
        media: [],
        extra: { voc: { absent: ['xml'] } },
        layers: { ground_truth: [] },
      },
    ])
  })

  it('reads XML files beside the images, with a folder for each subset', async () => {
    const xml = annotationXml(`<filename>1.jpg</filename>${objectXml('cat')}`)
    const folder = memoryFolder([
      ['train/1.xml', xml],
      ['train/1.jpg', imageFile],
      ['valid/images/2.jpg', imageFile],
      ['valid/annotations/2.xml', xml],
      ['other/3.xml', annotationXml('')],
    ])
    const items = await readItems(folder)
    expect(items.map(({ subset, id }) => `${subset}: ${id}`).toSorted()).toEqual([
      'default: other/3',
      'train: 1',
      'valid: 2',
    ])
    expect(items.find(({ id }) => id === '1')?.media[0]?.path).toBe('train/1.jpg')
    expect(items.find(({ id }) => id === '2')?.media[0]?.path).toBe('valid/images/2.jpg')
  })

  it('finds the dataset below the folder of the development kit, nested annotations too', async () => {
    const folder = memoryFolder([
      ['VOCdevkit/VOC2012/Annotations/day/1.xml', annotationXml('<filename>1.jpg</filename>')],
      ['VOCdevkit/VOC2012/JPEGImages/day/1.jpg', imageFile],
    ])
    const [item] = await readItems(folder)
    expect(item?.id).toBe('day/1')
    expect(item?.media[0]?.path).toBe('VOCdevkit/VOC2012/JPEGImages/day/1.jpg')
  })

  it('believes the image when the stated size is wrong, and keeps what was stated', async () => {
    const size = '<size><width>0</width><height>9</height></size>'
    const [item] = await readItems(vocFolder({ a: annotationXml(size) }))
    expect(item?.media[0]).toMatchObject({ width: 8, height: 6 })
    expect(JSON.stringify(item?.extra)).toContain('"height","text":"9"')
  })

  it('uses the image that is named, and never a path that leaves the folder', async () => {
    const files = {
      a: annotationXml('<filename>b.jpg</filename>'),
      c: annotationXml('<filename>../../etc/passwd.jpg</filename>'),
    }
    const folder = vocFolder(files, { 'JPEGImages/b.jpg': imageFile })
    folder.files.delete('JPEGImages/c.jpg')
    const items = await readItems(folder)
    const media = items.map((item) => [item.id, item.media[0]?.path])
    expect(media).toEqual([
      ['a', 'JPEGImages/b.jpg'],
      ['c', 'JPEGImages/passwd.jpg'],
    ])
  })

  it.each([
    ['UTF-16', Buffer.from(`\ufeff${annotationXml(objectXml('größe'))}`, 'utf16le')],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${annotationXml(objectXml('größe'))}`)],
    [
      'Latin-1',
      Buffer.from(
        `<?xml version="1.0" encoding="ISO-8859-1"?>${annotationXml(objectXml('größe'))}`,
        'latin1',
      ),
    ],
  ])('reads %s', async (_, bytes) => {
    const [item] = await readItems(vocFolder({ a: bytes }))
    expect(item?.layers['ground_truth']?.[0]?.category).toBe('größe')
  })

  it.each([
    [
      'xmin right of xmax',
      annotationXml(objectXml('a', '5 1 2 3')),
      'line 2: xmin 5 is right of xmax 2',
    ],
    ['no number', annotationXml(objectXml('a', 'x 1 2 3')), 'line 2: xmin should be a number'],
    ['no name', annotationXml('<object/>'), 'line 2: the object has no name'],
    ['no box', annotationXml('<object><name>a</name></object>'), 'has no bndbox'],
    ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]>${annotationXml('')}`, 'document type'],
    ['an unknown entity', annotationXml('&b;'), 'line 2'],
    ['two roots', annotationXml('') + annotationXml(''), 'line'],
    ['an unclosed element', '<annotation><object>', 'line 1: unclosed tag'],
    ['another root', '<annotations/>', 'not <annotation>'],
    ['an unknown encoding', '<?xml version="1.0" encoding="klingon"?><annotation/>', '"klingon"'],
    ['wrong bytes', Buffer.from('<annotation>\xff</annotation>', 'latin1'), 'is not utf-8 text'],
    ['deep nesting', '<annotation>'.repeat(100), 'nested deeper'],
  ])('refuses %s and names the place', async (_, xml, problem) => {
    const message = await problemOf(xml)
    expect(message).toContain('Annotations/a.xml: ')
    expect(message).toContain(problem)
  })

  it('leaves out only the object that is wrong when problems are skipped', async () => {
    const folder = vocFolder({ a: annotationXml(objectXml('a', '5 1 2 3') + objectXml('b')) })
    const { items, problems } = await readAll(vocAdapter, folder, { onError: 'skip' })
    expect(items[0]?.layers['ground_truth']).toHaveLength(1)
    expect(problems).toHaveLength(1)
  })

  it('keeps apart two images that differ in their extension alone', async () => {
    const folder = vocFolder({ a: annotationXml('') }, { 'JPEGImages/a.png': imageFile })
    const items = await readItems(folder)
    expect(items.map(({ id, media }) => [id, media[0]?.path])).toEqual([
      ['a', 'JPEGImages/a.jpg'],
      ['a.png', 'JPEGImages/a.png'],
    ])
  })

  it('refuses several datasets at once with a sentence', async () => {
    const folder = memoryFolder([
      ['VOC2007/Annotations/1.xml', annotationXml('')],
      ['VOC2012/Annotations/1.xml', annotationXml('')],
    ])
    await expect(readItems(folder)).rejects.toThrow('one of several datasets')
  })
})

describe('vocAdapter.read of masks', () => {
  const classes = ['00000000', '0##00000', '0#5#0000', '0#5#8800', '0###8800', '00000000']
  const objects = ['00000000', '0##00000', '0#1#0000', '0#1#2200', '0###2200', '00000000']

  it('pairs classes with objects, keeps void, and groups masks with their boxes', async () => {
    const folder = vocFolder(
      { a: annotationXml(objectXml('bottle') + objectXml('cat')) },
      { 'SegmentationClass/a.png': maskPng(classes), 'SegmentationObject/a.png': maskPng(objects) },
    )
    const [item] = await readItems(folder)
    const found = (item?.layers['ground_truth'] ?? []).map(({ type, category, group, extra }) => {
      return { type, category, group, extra }
    })
    expect(found).toEqual([
      { type: 'box', category: 'bottle', group: 1 },
      { type: 'box', category: 'cat', group: 2 },
      { type: 'mask', category: 'bottle', group: 1 },
      { type: 'mask', category: 'cat', group: 2 },
      { type: 'mask', extra: { voc: { class: 255 } } },
    ])
  })

  it('says that masks of classes alone belong to no object', async () => {
    const folder = vocFolder(
      { a: annotationXml('') },
      { 'SegmentationClass/a.png': maskPng(classes) },
    )
    const [item] = await readItems(folder)
    expect(item?.layers['ground_truth']?.map(({ category, extra }) => [category, extra])).toEqual([
      ['bottle', { voc: { object: 0 } }],
      ['cat', { voc: { object: 0 } }],
      [undefined, { voc: { class: 255, object: 0 } }],
    ])
  })

  it('reads colours by the label map', async () => {
    const folder = vocFolder(
      { a: annotationXml('') },
      {
        'SegmentationClass/a.png': maskPng(['10', '02']),
        'labelmap.txt': 'cat:0,128,0::\ndog:128,0,0::\n',
      },
    )
    const [item] = await readItems(folder)
    expect(item?.layers['ground_truth']).toMatchObject([
      { type: 'mask', category: 'cat', counts: '31' },
      { type: 'mask', category: 'dog', counts: '013' },
    ])
  })

  it('names the pixel whose colour no label has', async () => {
    const folder = vocFolder(
      { a: annotationXml('') },
      { 'SegmentationClass/a.png': maskPng(['10', '02']), 'labelmap.txt': 'cat:128,0,0::\n' },
    )
    await expect(readItems(folder)).rejects.toThrow(
      'SegmentationClass/a.png: the pixel (1, 1) has index 2, which no label has',
    )
  })

  it('refuses two masks of different size', async () => {
    const folder = vocFolder(
      { a: annotationXml('') },
      { 'SegmentationClass/a.png': maskPng(classes), 'SegmentationObject/a.png': maskPng(['1']) },
    )
    await expect(readItems(folder)).rejects.toThrow('differs in size')
  })
})
