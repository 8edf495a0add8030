import { type AnnotationDraft, isDsvError, type SourceItem } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('hugging-face')
const IMAGE = placeholder({ width: 640, height: 480 })

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading an image folder', () => {
  const objects = { bbox: [[302, 109, 73, 52]], categories: [0] }
  const folder = (): MemoryFolder =>
    memoryFolder([
      [
        'train/metadata.jsonl',
        `{"file_name":"0001.png","text":"a cat","height":1,"objects":${JSON.stringify(objects)}}\n\n` +
          '{"file_name":"sub/0002.png","label":"dog","meta":{"a":1},"score":0.5}\n',
      ],
      ['test/metadata.csv', 'file_name,label,additional_feature\n0003.png,1,"00"\n'],
      ['train/0001.png', IMAGE],
      ['train/sub/0002.png', IMAGE],
      ['test/0003.png', IMAGE],
    ])

  it('reads labels, captions, objects and other columns', async () => {
    const { items, schema } = await readAll(adapter, folder())
    expect(schema.categories.map(({ name }) => name)).toEqual(['1', '0', 'dog'])
    expect(items).toMatchObject([
      {
        subset: 'test',
        id: '0003',
        attributes: { additional_feature: '00' },
        layers: { ground_truth: [{ type: 'label', category: '1' }] },
      },
      {
        subset: 'train',
        id: '0001',
        media: [{ path: 'train/0001.png', width: 640, height: 480 }],
        layers: {
          ground_truth: [
            { type: 'caption', text: 'a cat' },
            { type: 'box', category: '0', x: 302, y: 109, width: 73, height: 52 },
          ],
        },
      },
      {
        id: 'sub/0002',
        attributes: { score: 0.5 },
        extra: { 'hugging-face': { meta: { a: 1 } } },
        layers: { ground_truth: [{ type: 'label', category: 'dog' }] },
      },
    ])
  })

  it('is the surest of all formats, and writes the tables that there were', async () => {
    const [best] = await detectFormat(folder())
    expect(best).toMatchObject({ format: 'hugging-face' })
    const read = await readAll(adapter, folder())
    const only = read.items.filter(({ subset }) => subset === 'test')
    const view = memoryDatasetView(read.schema, only, read.layout)
    const { folder: written } = await writeAll(adapter, view)
    expect(Buffer.from(written.files.get('test/metadata.csv') ?? '').toString()).toBe(
      'file_name,width,height,label,additional_feature\n0003.png,640,480,"""1""",00\n',
    )
    const again = await readAll(adapter, written)
    expect(again.items).toEqual(only)
  })

  it.each([
    ['{"file_name":"a.png"\n', /metadata\.jsonl: line 1: no valid JSON/],
    ['[]\n', /line 1 should be an object/],
    ['{"label":1}\n', /line 1 has no file_name/],
  ])('says what is wrong with %j', async (text, message) => {
    const broken = memoryFolder([['metadata.jsonl', text]])
    await expect(readAll(adapter, broken)).rejects.toThrow(message)
  })
})

describe('reading Parquet', () => {
  const features = {
    label: { names: ['cat', 'dog'], _type: 'ClassLabel' },
    image: { _type: 'Image' },
    kind: { names: ['day', 'night'], _type: 'ClassLabel' },
  }
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'image', data: [IMAGE, IMAGE], type: 'BYTE_ARRAY' },
      { name: 'label', data: [1n, 0n], type: 'INT64' },
      { name: 'kind', data: [0n, 1n], type: 'INT64' },
      { name: 'big', data: [2n ** 60n, 5n], type: 'INT64' },
      { name: 'raw', data: [Uint8Array.of(255, 254), Uint8Array.of(255)], type: 'BYTE_ARRAY' },
    ],
    kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
  })

  it('knows classes by their names, and reports bytes that are neither text nor image', async () => {
    const folder = memoryFolder([
      ['data/validation-00000-of-00002-0123abcd.parquet', new Uint8Array(bytes)],
    ])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'hugging-face' })
    const { items, schema, losses } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['cat', 'dog'])
    expect(items).toMatchObject([
      {
        subset: 'validation',
        id: '0',
        media: [{ path: 'validation/0.png', width: 640, height: 480 }],
        attributes: { kind: 'day', big: '1152921504606846976' },
        layers: { ground_truth: [{ type: 'label', category: 'dog' }] },
      },
      { id: '1', attributes: { kind: 'night', big: 5 } },
    ])
    expect(losses.map(({ what }) => what)).toEqual(['column: raw', 'column: raw'])
  })

  it('says that a file is cut off', async () => {
    const folder = memoryFolder([['train.parquet', new Uint8Array(bytes).subarray(0, 200)]])
    await expect(readAll(adapter, folder)).rejects.toThrow(/train\.parquet: is no Parquet/)
  })
})

describe('damaged Parquet', () => {
  it('ends, whatever four bytes say', async () => {
    const whole = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'label', data: [1n, null, 0n, 0n, 0n, 0n, 0n, 0n, 0n, null], type: 'INT64' },
          { name: 'text', data: Array.from({ length: 10 }, (_, at) => (at < 8 ? 'x' : null)) },
        ],
        statistics: false,
      }),
    )
    const answers = new Set<string>()
    for (let at = 4; at < whole.length - 4; at += 1) {
      const bytes = Buffer.from(whole)
      bytes.set([0xff, 0xff, 0xff, 0x7f], at)
      const folder = memoryFolder([['train.parquet', bytes]])
      const answer = await readAll(adapter, folder).then(
        () => 'read',
        (error: unknown) => String(isDsvError(error) ? error.code : error),
      )
      answers.add(answer)
    }
    expect([...answers].toSorted()).toEqual(['DSV_FORMAT_SYNTAX', 'read'])
  })
})

describe('writing Parquet', () => {
  it('keeps what columns of one kind cannot say as JSON', async () => {
    const box: AnnotationDraft = { type: 'box', category: 'cat', x: 0.1, y: 2, width: 3, height: 4 }
    const drafts: readonly AnnotationDraft[] = [
      { ...box, sourceId: 7, track: 'a', attributes: { pose: 'left', n: null } },
      { ...box, track: 2, extra: { 'hugging-face': { ignore: true } } },
      { type: 'caption', text: 'x', score: 0.5 },
      { type: 'label' },
    ]
    const item = (id: string, attributes: SourceItem['attributes'] = {}): SourceItem => ({
      subset: 'train',
      id,
      media: [{ role: 'primary', path: `${id}.png`, kind: 'image', width: 4, height: 5 }],
      attributes,
      layers: { ground_truth: id === 'a' ? drafts : [] },
    })
    const items = [
      item('a', { mixed: 1, n: 5, flag: true, label: 'x', nothing: null, list: [1, 'b'] }),
      item('b', { mixed: 'one', n: 0.5, t_json: '{}' }),
    ]
    const schema = { categories: [{ key: 'cat', name: 'cat' }], attributes: [], info: {} }
    const view = memoryDatasetView(schema, items)
    for (const variant of ['parquet', 'imagefolder']) {
      const { folder, losses } = await writeAll(adapter, view, { variant })
      expect(losses).toEqual([])
      const read = await readAll(adapter, folder)
      expect(read.items.map(({ attributes }) => attributes)).toEqual(
        items.map(({ attributes }) => attributes),
      )
      expect(truth(read.items[0])).toEqual(drafts)
    }
  })
})
