import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('wider-face')
const IMAGE = placeholder({ width: 1024, height: 768 })
const LIST = 'wider_face_split/wider_face_train_bbx_gt.txt'

/** As the original has it: an image without faces is followed by a row of zeros. */
function original(): MemoryFolder {
  return memoryFolder([
    [
      LIST,
      '12--Group/12_Group_1.jpg\n2\n10 20 30 40 2 1 0 1 2 1 \n1 2 3 4 0 0 0 0 0 0 \n' +
        '0--Parade/0_Parade_1.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \n' +
        '12--Group/12_Group_2.jpg\n1\n5 6 7 8 0 0 0 0 0 0 \n',
    ],
    ['wider_face_split/wider_face_test_filelist.txt', '0--Parade/a.jpg\n0--Parade/b.jpg\n'],
    ['wider_face_split/readme.txt', 'The format of txt ground truth.\n'],
    ['WIDER_train/images/12--Group/12_Group_1.jpg', IMAGE],
    ['WIDER_train/images/0--Parade/0_Parade_1.jpg', IMAGE],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads faces with the columns in the order of the readme', async () => {
    const { items, schema } = await readAll(adapter, original())
    expect(schema.categories).toEqual([
      { key: 'face', name: 'face' },
      { key: 'Parade', name: 'Parade', sourceIds: { 'wider-face': 0 } },
      { key: 'Group', name: 'Group', sourceIds: { 'wider-face': 12 } },
    ])
    expect(items.map(({ id }) => id)).toEqual(['a', 'b', '12_Group_1', '0_Parade_1', '12_Group_2'])
    const first = items.find(({ id }) => id === '12_Group_1')
    expect(truth(first)).toEqual([
      { type: 'label', category: 'Group' },
      {
        type: 'box',
        x: 10,
        y: 20,
        width: 30,
        height: 40,
        category: 'face',
        occluded: true,
        attributes: {
          blur: 2,
          expression: 1,
          illumination: 0,
          invalid: true,
          occlusion: 2,
          pose: 1,
        },
      },
      expect.objectContaining({ occluded: false }),
    ])
    expect(first?.media[0]).toMatchObject({ width: 1024, height: 768 })
  })

  it('makes no face of the row of zeros of an image without', async () => {
    const { items } = await readAll(adapter, original())
    const none = items.find(({ id }) => id === '0_Parade_1')
    expect(truth(none)).toEqual([{ type: 'label', category: 'Parade' }])
  })

  it('tells images of one name in two folders apart', async () => {
    const folder = memoryFolder([[LIST, '0--A/1.jpg\n1--B/1.jpg\n1--B/1.png\n']])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ id }) => id)).toEqual(['1', '1--B/1', '1--B/1.png'])
  })

  it('knows the columns that Datumaro adds: unknown values and the class', async () => {
    const rows = '3\n1 2 3 4 - - - True - 0 big dog\n1 2 3 4 cat\n1 2 3 4\n'
    const folder = memoryFolder([[LIST, `no_label/1.jpg\n${rows}`]])
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['face', 'big dog', 'cat'])
    expect(truth(items[0])).toMatchObject([
      { category: 'big dog', attributes: { invalid: true, pose: 0 } },
      { category: 'cat' },
      { category: 'face' },
    ])
  })

  it.each([
    ['0--A/1.jpg\n2\n1 2 3 4\n', /line 1 should have 2 rows, but has 1/u],
    ['0--A/1.jpg\n1\n1 2 x 4\n', /a row of no box: 1 2 x 4/u],
    ['0--A/1.jpg\n0--A/1.jpg\n', /line 2 names an image again/u],
    ['what is this\n', /line 1 should name an image/u],
  ])('names the place of what is wrong in %j, or goes on', async (text, message) => {
    const folder = memoryFolder([[LIST, text]])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect(problems).toHaveLength(1)
  })
})

describe('writing', () => {
  it('leaves images, numbers of events and rows as they are', async () => {
    const read = await readAll(adapter, original())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect(annotationFiles(folder)).toEqual({
      'labels.txt': 'face\nParade\nGroup\n',
      [LIST]:
        '0--Parade/0_Parade_1.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n' +
        '12--Group/12_Group_1.jpg\n2\n10 20 30 40 2 1 0 1 2 1\n1 2 3 4 0 0 0 0 0 0\n' +
        '12--Group/12_Group_2.jpg\n1\n5 6 7 8 0 0 0 0 0 0\n',
      'wider_face_split/wider_face_test_filelist.txt':
        '0--Parade/a.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n0--Parade/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n',
    })
    expect([...folder.media]).toContain('WIDER_train/images/12--Group/12_Group_1.jpg')
  })
})

describe('the samples of Datumaro', () => {
  const facts = factsOf('wider_face')
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('reads %s as it is', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    const { items, schema } = await readAll(adapter, folder)
    expect(comparableItems(items, schema.categories)).toEqual(factItems(fact))
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'wider-face' })
  })
})
