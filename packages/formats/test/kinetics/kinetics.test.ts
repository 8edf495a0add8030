import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder } from '../memory-folder.ts'

const adapter = await loadAdapter('kinetics')
const HEAD = 'label,youtube_id,time_start,time_end,split,is_cc\n'
const TABLE =
  `${HEAD}"archery, long",---QUuC4vJs,84,94,train,0\n` +
  'air drumming,-0AMSrDCk,1.5,11.5,train,1\nair drumming,---QUuC4vJs,0,10,train,\n'
const JSON_LIST = JSON.stringify({
  abc: {
    annotations: { label: 'archery, long', segment: [6, 16] },
    duration: 10,
    subset: 'validate',
    url: 'https://www.youtube.com/watch?v=abc',
  },
  abcd: { duration: 10, subset: 'validate', url: 'https://www.youtube.com/watch?v=abcd' },
})

const folder = memoryFolder([
  ['train.csv', TABLE],
  ['train.json', JSON_LIST.replaceAll('validate', 'train')],
  ['validate.json', JSON_LIST],
  ['train/---QUuC4vJs_000084_000094.mp4', ''],
  ['train/-0AMSrDCk.avi', ''],
  ['validate/abcde.mp4', ''],
  ['validate/abc_x.mkv', ''],
])

describe('Kinetics', () => {
  it('is read with the action and the times of each clip', async () => {
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['archery, long', 'air drumming'])
    const rows = items.map(({ subset, id, media, attributes, layers }) => {
      const [label] = layers['ground_truth'] ?? []
      return [subset, id, media[0]?.path, label?.category, label?.attributes ?? attributes]
    })
    expect(rows).toEqual([
      [
        'train',
        '---QUuC4vJs',
        'train/---QUuC4vJs_000084_000094.mp4',
        'archery, long',
        { time_start: 84, time_end: 94 },
      ],
      [
        'train',
        '-0AMSrDCk',
        'train/-0AMSrDCk.avi',
        'air drumming',
        { time_start: 1.5, time_end: 11.5 },
      ],
      // Another clip of a video is another item; nothing is lost.
      [
        'train',
        '---QUuC4vJs_000000_000010',
        'train/---QUuC4vJs_000084_000094.mp4',
        'air drumming',
        { time_start: 0, time_end: 10 },
      ],
      // A name that only begins alike is another video.
      ['validate', 'abc', 'validate/abc_x.mkv', 'archery, long', { time_start: 6, time_end: 16 }],
      ['validate', 'abcd', 'validate/abcd_000000_000000.mp4', undefined, undefined],
    ])
    expect(items[0]?.extra).toEqual({ kinetics: { is_cc: '0' } })
    expect(items[3]?.extra).toMatchObject({ kinetics: { duration: 10 } })
    expect(items[0]?.media[0]?.kind).toBe('video')
  })

  it('reads a list without labels', async () => {
    const test = memoryFolder([['test.csv', 'youtube_id,time_start,time_end\nabc,1,2\n']])
    const { items } = await readAll(adapter, test)
    expect(items).toMatchObject([
      { subset: 'test', id: 'abc', attributes: { time_start: 1, time_end: 2 } },
    ])
  })

  it('is recognised by its columns', async () => {
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'kinetics' })
    const other = memoryFolder([['train.csv', 'image,label\na.jpg,1\n']])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })

  it.each([
    ['a.csv', `${HEAD}x,abc,soon,2,train,0\n`, /row 2: time_start should be a number: soon/],
    ['a.csv', `${HEAD}x,,1,2,train,0\n`, /row 2 has no youtube_id/],
    [
      'a.json',
      JSON_LIST.replace('[6,16]', '[6]'),
      /abc\.annotations\.segment should be two numbers/,
    ],
    ['a.json', JSON_LIST.replace('"archery, long"', '7'), /annotations\.label should be text/],
    ['a.json', JSON_LIST.slice(0, -30), /a\.json/],
  ])('names what is wrong in %s: %#', async (path, text, message) => {
    const broken = memoryFolder([[path, text]])
    await expect(readAll(adapter, broken)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { problems } = await readAll(adapter, broken, { onError: 'skip' })
    expect(problems).toHaveLength(1)
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })
})
