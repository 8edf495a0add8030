import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const createMl = await loadAdapter('create-ml')
const IMAGE = placeholder({ width: 64, height: 48 })

function box(label: string, x: number, y: number, width: number, height: number): object {
  return { label, coordinates: { x, y, width, height } }
}

describe('reading JSON of Create ML', () => {
  it('takes coordinates for the centre of a box', async () => {
    const records = [{ image: 'a.jpg', annotations: [box('cat', 10.5, 20, 5, 8)] }]
    const files = [
      ['train/_annotations.createml.json', JSON.stringify(records)],
      ['train/a.jpg', IMAGE],
    ] as const
    const { items, schema } = await readAll(createMl, memoryFolder(files))
    expect(schema.categories).toEqual([{ key: 'cat', name: 'cat' }])
    expect(items).toEqual([
      {
        subset: 'train',
        id: 'a',
        media: [
          {
            role: 'primary',
            path: 'train/a.jpg',
            kind: 'image',
            width: 64,
            height: 48,
            channels: 3,
          },
        ],
        layers: {
          ground_truth: [{ type: 'box', category: 'cat', x: 8, y: 16, width: 5, height: 8 }],
        },
      },
    ])
  })

  it('reads labels of images, scores and what it has no name for', async () => {
    const records = [
      { image: 'a.jpg', annotation: 'dog', camera: 3 },
      { imagefilename: 'b.jpg', annotation: [{ label: 'cat', confidence: 0.5, seen: true }] },
    ]
    const folder = memoryFolder([['labels.json', JSON.stringify(records)]])
    const { items } = await readAll(createMl, folder)
    expect(items.map(({ layers, extra }) => ({ ...layers, extra }))).toEqual([
      {
        ground_truth: [{ type: 'label', category: 'dog' }],
        extra: { 'create-ml': { camera: 3 } },
      },
      {
        ground_truth: [
          { type: 'label', category: 'cat', score: 0.5, extra: { 'create-ml': { seen: true } } },
        ],
        extra: undefined,
      },
    ])
  })

  it('joins the records of one image', async () => {
    const records = ['a', 'b', 'a'].map((name, at) => ({
      image: `${name}.jpg`,
      annotations: [box(`class ${at}`, 2, 2, 2, 2)],
    }))
    const folder = memoryFolder([['x.createml.json', JSON.stringify(records)]])
    const { items } = await readAll(createMl, folder)
    expect(items.map(({ id, layers }) => [id, layers['ground_truth']?.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })

  it('keeps images apart that differ in their extension', async () => {
    const records = ['a.jpg', 'a.png'].map((image) => ({ image, annotations: [] }))
    const files = [
      ['x.createml.json', JSON.stringify(records)],
      ['a.jpg', IMAGE],
      ['a.png', IMAGE],
    ] as const
    const { schema, items, layout } = await readAll(createMl, memoryFolder(files))
    expect(items.map(({ id, media }) => [id, media[0]?.path])).toEqual([
      ['a', 'a.jpg'],
      ['a#2', 'a.png'],
    ])
    const { folder } = await writeAll(createMl, memoryDatasetView(schema, items, layout))
    expect((await readAll(createMl, folder)).items).toEqual(items)
  })

  it('says which annotation is wrong, or leaves it out', async () => {
    const records = [{ image: 'a.jpg', annotations: [{ label: 'cat', coordinates: { x: 1 } }] }]
    const folder = memoryFolder([['_annotations.createml.json', JSON.stringify(records)]])
    await expect(readAll(createMl, folder)).rejects.toThrow(
      '_annotations.createml.json: a.jpg: annotations[0].coordinates.y should be a number',
    )
    const { items, problems } = await readAll(createMl, folder, { onError: 'skip' })
    expect(items).toHaveLength(1)
    expect(problems).toHaveLength(1)
  })
})

describe('writing JSON of Create ML', () => {
  it('leaves images where they were, under the names they had', async () => {
    const records = [{ image: './a.jpg', annotations: [box('cat', 0.1, 0.2, 0.3, 0.7)] }]
    const text = `[\n${JSON.stringify(records[0])}\n]\n`
    const files = [
      ['labels.createml.json', text],
      ['images/a.jpg', IMAGE],
    ] as const
    const { schema, items, layout } = await readAll(createMl, memoryFolder(files))
    const { folder, losses } = await writeAll(createMl, memoryDatasetView(schema, items, layout))
    expect(annotationFiles(folder)).toEqual({ 'labels.createml.json': text })
    expect([...folder.media]).toEqual(['images/a.jpg'])
    expect(losses).toEqual([])
  })

  it('reports classes that nothing has, and boxes without class', async () => {
    const schema = { categories: [{ key: 'cat', name: 'cat' }], attributes: [], info: {} }
    const media = [{ role: 'primary', path: 'a.png', kind: 'image' as const }]
    const draft = { type: 'box', x: 0, y: 0, width: 2, height: 2 } as const
    const item = { subset: 'default', id: 'a', media, layers: { ground_truth: [draft] } }
    const { losses } = await writeAll(createMl, memoryDatasetView(schema, [item]))
    expect(losses).toEqual([
      { what: 'annotation: box', where: 'default/a' },
      { what: 'category', where: 'cat' },
    ])
  })
})
