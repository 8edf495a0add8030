import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, factsOf } from '../facts.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('dota')
const IMAGE = placeholder({ width: 800, height: 600 })
const P0 =
  'imagesource:GoogleEarth\ngsd:0.146343\n' +
  '10.5 20 30 22 29 41 9 40 large-vehicle 1\n0 0 1 0 1 1 0 1 small-vehicle 0\n'

/** Two versions of labels, as the archives of the original unpack. */
function original(): MemoryFolder {
  return memoryFolder([
    ['train/labelTxt-v1.0/labelTxt/P0000.txt', '0 0 9 0 9 9 0 9 plane 0\n'],
    ['train/labelTxt-v1.5/P0000.txt', P0],
    ['train/labelTxt-v1.5/P0001.txt', 'imagesource:GF-2\ngsd:null\n'],
    ['train/images/images/P0000.png', IMAGE],
    ['train/images/images/P0001.png', IMAGE],
    ['test/images/P0002.png', IMAGE],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('keeps the four corners, which need not be those of a rectangle', async () => {
    const { items, schema } = await readAll(adapter, original())
    expect(items.map(({ subset, id }) => `${subset}/${id}`)).toEqual([
      'train/P0000',
      'train/P0001',
      'test/P0002',
    ])
    expect(schema.categories.map(({ name }) => name)).toEqual(['large-vehicle', 'small-vehicle'])
    expect(items[0]).toMatchObject({
      attributes: { imagesource: 'GoogleEarth', gsd: 0.146343 },
      media: [{ path: 'train/images/images/P0000.png', width: 800 }],
    })
    expect(items[1]?.attributes).toEqual({ imagesource: 'GF-2', gsd: 'null' })
    expect(truth(items[0])[0]).toEqual({
      type: 'quad',
      points: [10.5, 20, 30, 22, 29, 41, 9, 40],
      category: 'large-vehicle',
      attributes: { difficulty: 1 },
    })
  })

  it('reads classes of several words, and rows without difficulty', async () => {
    const text = '0 0 1 0 1 1 0 1 storage tank 2\n0 0 1 0 1 1 0 1 ship\n'
    const { items } = await readAll(adapter, memoryFolder([['labelTxt/a.txt', text]]))
    expect(items.map(({ subset }) => subset)).toEqual(['default'])
    expect(truth(items[0])).toMatchObject([
      { category: 'storage tank', attributes: { difficulty: 2 } },
      { category: 'ship' },
    ])
    expect(truth(items[0])[1]).not.toHaveProperty('attributes')
  })

  it.each(['0 0 1 0 1 1 0 ship 0', '0 0 1 0 1 1 0 1', '0 0 1 0 NaN 1 0 1 ship 0'])(
    'names the line of what is wrong in %j, or goes on without it',
    async (row) => {
      const folder = memoryFolder([['labelTxt/a.txt', `${P0}${row}\n`]])
      await expect(readAll(adapter, folder)).rejects.toMatchObject({
        code: 'DSV_FORMAT_SYNTAX',
        message: expect.stringMatching(/^labelTxt\/a\.txt: line 5 /u),
      })
      const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
      expect([truth(items[0]).length, problems.length]).toEqual([2, 1])
    },
  )
})

describe('writing', () => {
  it('gives the same files, and says which classes nothing is of', async () => {
    const read = await readAll(adapter, original())
    const categories = [...read.schema.categories, { key: 'plane', name: 'plane' }]
    const view = memoryDatasetView({ ...read.schema, categories }, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([{ what: 'category', where: 'plane' }])
    expect(annotationFiles(folder)).toEqual({
      'test/labelTxt-v1.5/P0002.txt': '',
      'train/labelTxt-v1.5/P0000.txt': P0,
      'train/labelTxt-v1.5/P0001.txt': 'imagesource:GF-2\ngsd:null\n',
    })
  })

  it('writes the corners of boxes, and says that they were boxes', async () => {
    const [item] = (await readAll(adapter, original())).items
    if (item === undefined) throw new Error('nothing was read')
    const category = 'ship'
    const drafts: readonly AnnotationDraft[] = [
      { type: 'box', x: 1, y: 2, width: 3, height: 4, category },
      { type: 'rotated-box', cx: 5, cy: 5, width: 4, height: 2, angle: 0, category },
      { type: 'polygon', parts: [[[0, 0, 1, 0, 1, 1, 0, 2]]], category },
      { type: 'polygon', parts: [[[0, 0, 1, 0, 1, 1]]], category },
    ]
    const schema = { categories: [{ key: category, name: category }], attributes: [], info: {} }
    const items = [{ ...item, attributes: {}, layers: { ground_truth: drafts } }]
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(annotationFiles(folder)).toEqual({
      'train/labelTxt/P0000.txt':
        '1 2 4 2 4 6 1 6 ship 0\n3 4 7 4 7 6 3 6 ship 0\n0 0 1 0 1 1 0 2 ship 0\n',
    })
    expect(losses.map(({ what }) => what)).toEqual([
      'geometry: box',
      'geometry: rotated-box',
      'geometry: polygon',
      'annotation: polygon',
    ])
  })
})

describe('the samples of Datumaro', () => {
  const facts = factsOf('dota')
  if (facts.length === 0) {
    it('are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('reads %s as quads, whose boxes are what Datumaro makes', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    const { items } = await readAll(adapter, folder)
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'dota' })
    const centres = items.map((item) => [
      `${item.subset}/${item.id}`,
      truth(item).map((draft) => {
        const points = draft.type === 'quad' ? draft.points : []
        const middle = (from: number): number =>
          [0, 2, 4, 6].reduce((sum, at) => sum + (points[at + from] ?? Number.NaN), 0) / 4
        return { label: draft.category, centre: [middle(0), middle(1)] }
      }),
    ])
    const expected = fact.items.map(({ subset, id, annotations }) => [
      `${subset}/${id}`,
      annotations.map(({ label_name: label, cxcywhr }) => ({
        label,
        centre: Array.isArray(cxcywhr) ? cxcywhr.slice(0, 2) : [],
      })),
    ])
    expect(Object.fromEntries(centres)).toEqual(Object.fromEntries(expected))
  })
})
