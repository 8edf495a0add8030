import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('vggface2')
const IMAGE = placeholder({ width: 200, height: 100 })
const LANDMARKS = 'NAME_ID,P1X,P1Y,P2X,P2Y,P3X,P3Y,P4X,P4Y,P5X,P5Y\n'

function sample(): MemoryFolder {
  return memoryFolder([
    ['labels.txt', 'n01 Ada\nn02\n'],
    [
      'bb_landmark/loose_landmark_train.csv',
      `${LANDMARKS}n01/a,1,2,3.5,4,5,6,7,8,9,10\nn02/b,,,,,,,,,,\nno_label/c,,,,,,,,,,\n`,
    ],
    ['bb_landmark/loose_bb_train.csv', 'NAME_ID,X,Y,W,H\nn01/a,1,2,3,4.5\nn03/d,0,0,1,1\n'],
    ['train/n01/a.jpg', IMAGE],
    ['train/n02/b.png', IMAGE],
    ['train/n03/d.jpg', IMAGE],
    ['train/no_label/c.jpg', IMAGE],
    ['train/n02/unlisted.jpg', IMAGE],
  ])
}

describe('VGGFace2', () => {
  it('is read with classes of folders, landmarks and boxes, and with every image', async () => {
    const { items, schema } = await readAll(adapter, sample())
    expect(schema.categories).toEqual([
      { key: 'n01', name: 'n01', supercategory: 'Ada' },
      { key: 'n02', name: 'n02' },
      { key: 'n03', name: 'n03' },
    ])
    const points = [1, 2, 3.5, 4, 5, 6, 7, 8, 9, 10]
    expect(
      items.map(({ id, media, layers }) => [id, media[0]?.path, layers['ground_truth']]),
    ).toEqual([
      [
        'n01/a',
        'train/n01/a.jpg',
        [
          { type: 'points', category: 'n01', points, visibility: [2, 2, 2, 2, 2] },
          { type: 'box', category: 'n01', x: 1, y: 2, width: 3, height: 4.5 },
        ],
      ],
      ['n02/b', 'train/n02/b.png', [{ type: 'label', category: 'n02' }]],
      ['c', 'train/no_label/c.jpg', []],
      [
        'n03/d',
        'train/n03/d.jpg',
        [{ type: 'box', category: 'n03', x: 0, y: 0, width: 1, height: 1 }],
      ],
      ['n02/unlisted', 'train/n02/unlisted.jpg', [{ type: 'label', category: 'n02' }]],
    ])
  })

  it('is written with all of it, a label before the landmarks', async () => {
    const read = await readAll(adapter, sample())
    const items = read.items.map((item) => {
      const label = { type: 'label', category: 'n01' } as const
      const own = item.layers['ground_truth'] ?? []
      return item.id === 'n01/a' ? { ...item, layers: { ground_truth: [label, ...own] } } : item
    })
    const view = memoryDatasetView(read.schema, items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)['bb_landmark/loose_landmark_train.csv']).toBe(
      `${LANDMARKS}no_label/c,,,,,,,,,,\nn01/a,,,,,,,,,,\nn01/a,1,2,3.5,4,5,6,7,8,9,10\n` +
        'n02/b,,,,,,,,,,\nn02/unlisted,,,,,,,,,,\n',
    )
    const again = await readAll(adapter, folder)
    expect(again.items).toHaveLength(items.length)
    expect(again.items).toEqual(expect.arrayContaining(items))
    expect(again.schema).toEqual(read.schema)
  })

  it('reports that an id has to begin with the class', async () => {
    const { schema, items } = await readAll(adapter, sample())
    const moved = items.slice(0, 1).map((item) => ({ ...item, id: 'z' }))
    const { losses } = await writeAll(adapter, memoryDatasetView(schema, moved))
    expect(losses).toEqual([{ what: 'item', where: 'train/z: it is called n01/z' }])
  })

  it('is recognised by its tables', async () => {
    expect((await detectFormat(sample()))[0]).toMatchObject({ format: 'vggface2' })
    const other = memoryFolder([['bb_landmark/loose_bb_train.csv', 'a,b\n']])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })

  it.each([
    ['X,NAME_ID\n1,2\n', /should have NAME_ID as its first column/],
    ['NAME_ID,X,Y,W,H\nn01/a,1,2,3\n', /n01\/a has 3 numbers; there should be 4/],
    ['NAME_ID,X,Y,W,H\nn01/a,1,2,3,Infinity\n', /values of n01\/a should be numbers: Infinity/],
    ['NAME_ID,X,Y,W,H\n,1,2,3,4\n', /row 2 has no NAME_ID/],
  ])('names what is wrong: %j', async (text, message) => {
    const folder = memoryFolder([['bb_landmark/loose_bb_val.csv', text]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    expect((await readAll(adapter, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })
})
