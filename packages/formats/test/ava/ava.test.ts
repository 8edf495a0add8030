import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('ava')
const IMAGE = placeholder({ width: 200, height: 100 })
const ACTIONS =
  'label {\n  name: "bend/bow \\"low\\""\n  label_id: 1\n  label_type: PERSON_MOVEMENT\n}\n' +
  'label {\n  name: "talk }"\n  label_id: 79\n}\n'

function sample(): MemoryFolder {
  return memoryFolder([
    ['annotations/ava_action_list_v2.1.pbtxt', ACTIONS],
    [
      'annotations/ava_train_v2.1.csv',
      'vid,0902,0.1,0.25,0.5,0.75,79,3\nvid,0902,0.1,0.25,0.5,0.75,1,3\nvid,0903,0,0,1,1,7,\n' +
        'other,0904\n',
    ],
    ['annotations/ava_train_excluded_timestamps_v2.1.csv', 'other,0905\n'],
    ['frames/vid/vid_0902.jpg', IMAGE],
    ['frames/vid/vid_000091.png', IMAGE],
    ['frames/other/other_0904.jpg', IMAGE],
    ['frames/other/other_0905.jpg', IMAGE],
  ])
}

describe('AVA', () => {
  it('is read with boxes in pixels, actions by their number, and people as tracks', async () => {
    const { items, schema, losses } = await readAll(adapter, sample())
    expect(losses).toEqual([])
    expect(schema.categories).toEqual([
      {
        key: 'bend/bow "low"',
        name: 'bend/bow "low"',
        sourceIds: { ava: 1 },
        extra: { ava: { label_type: 'PERSON_MOVEMENT' } },
      },
      { key: 'talk }', name: 'talk }', sourceIds: { ava: 79 } },
      { key: 'action-7', name: 'action-7', sourceIds: { ava: 7 } },
    ])
    const box = { type: 'box', x: 20, y: 25, width: 80, height: 50, track: 3 }
    const rows = items.map(({ id, media, attributes, layers }) => {
      return [id, media[0]?.path, attributes, layers['ground_truth']]
    })
    expect(rows).toEqual([
      // The list is looked at in the order of the names of files.
      ['other/0905', 'frames/other/other_0905.jpg', { excluded: true }, []],
      ['other/0904', 'frames/other/other_0904.jpg', undefined, []],
      [
        'vid/0902',
        'frames/vid/vid_0902.jpg',
        undefined,
        [
          { ...box, category: 'talk }' },
          { ...box, category: 'bend/bow "low"' },
        ],
      ],
      [
        'vid/0903',
        'frames/vid/vid_000091.png',
        undefined,
        [{ type: 'box', x: 0, y: 0, width: 200, height: 100, category: 'action-7' }],
      ],
    ])
  })

  it('is written with all of it', async () => {
    const source = sample()
    const read = await readAll(adapter, source)
    const again = await writeAll(adapter, memoryDatasetView(read.schema, read.items, read.layout))
    expect(again.losses).toEqual([])
    expect([...again.folder.files.keys()].toSorted()).toEqual([...source.files.keys()].toSorted())
    const files = annotationFiles(again.folder)
    expect(files['annotations/ava_train_v2.1.csv']).toBe(
      'other,0904\nvid,0902,0.1,0.25,0.5,0.75,79,3\nvid,0902,0.1,0.25,0.5,0.75,1,3\n' +
        'vid,0903,0,0,1,1,7,\n',
    )
    expect(files['annotations/ava_action_list_v2.1.pbtxt']).toContain(ACTIONS)
    const back = await readAll(adapter, again.folder)
    expect(back.items).toEqual(expect.arrayContaining([...read.items]))
    expect(back.schema).toEqual(read.schema)
  })

  it('reports boxes of images whose size is not known', async () => {
    const folder = memoryFolder([['a/ava_val_v2.2.csv', 'vid,0902,0,0,1,1,1,1\n']])
    const { losses, items } = await readAll(adapter, folder)
    expect(losses).toMatchObject([{ what: 'annotation: box' }])
    expect(items).toHaveLength(1)
  })

  it('reads names as Python writes them', async () => {
    const folder = sample()
    const text = String.raw`label { name: 'gr\303\266\303\237e' label_id: 1 }`
    folder.files.set('annotations/ava_action_list_v2.1.pbtxt', Buffer.from(text))
    expect((await readAll(adapter, folder)).schema.categories[0]?.name).toBe('größe')
  })

  it('is recognised by its tables', async () => {
    expect((await detectFormat(sample()))[0]).toMatchObject({ format: 'ava' })
    const other = memoryFolder([['ava_train_v2.2.csv', 'a,b,c\n']])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })

  it.each([
    ['annotations/ava_train_v2.1.csv', 'vid,0902,0,0,1\n', /box of vid\/0902 should be numbers/],
    ['annotations/ava_train_v2.1.csv', 'vid,0902,0,0,1,1,run,1\n', /should be a whole number: run/],
    ['annotations/ava_train_v2.1.csv', 'vid,,0,0,1,1,1,1\n', /"vid" has no timestamp/],
    ['annotations/ava_action_list_v2.1.pbtxt', 'label { label_id: 1 }', /label without name/],
    ['annotations/ava_action_list_v2.1.pbtxt', 'label { ', /is no list of labels/],
  ])('names what is wrong in %s: %j', async (path, text, message) => {
    const folder = sample()
    folder.files.set(path, Buffer.from(text))
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(adapter, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })
})
