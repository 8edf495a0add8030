import { type AnnotationDraft, parseCounts } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const labelme = await loadAdapter('labelme')
const IMAGE = placeholder({ width: 8, height: 6 })
/** A picture of 2 × 2 pixels: 1, 0; 0, 1. */
const MASK =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNgZGBgYAQAAAwAAwNhn3wAAAAASUVORK5CYII='

function document(shapes: readonly object[], more: object = {}): object {
  const image = { imagePath: 'a.png', imageData: null, imageHeight: 6, imageWidth: 8 }
  return { version: '5.4.1', flags: {}, shapes, ...image, ...more }
}

function shape(type: string, points: readonly (readonly number[])[], more: object = {}): object {
  const usual = { group_id: null, description: '', flags: {}, mask: null }
  return { label: 'cat', points, ...usual, shape_type: type, ...more }
}

async function read(json: object, path = 'a.json'): Promise<ReadBack> {
  const files = [
    [path, JSON.stringify(json)],
    ['a.png', IMAGE],
  ] as const
  return readAll(labelme, memoryFolder(files))
}

async function draftOf(one: object): Promise<AnnotationDraft | undefined> {
  const { items } = await read(document([one]))
  return items[0]?.layers['ground_truth']?.[0]
}

describe('reading JSON of labelme', () => {
  it.each([
    [
      'polygon',
      [
        [1, 2],
        [5, 2],
        [5, 4],
      ],
      { type: 'polygon', parts: [[[1, 2, 5, 2, 5, 4]]] },
    ],
    [
      'rectangle',
      [
        [5, 4],
        [1, 2.5],
      ],
      { type: 'box', x: 1, y: 2.5, width: 4, height: 1.5 },
    ],
    [
      'circle',
      [
        [4, 4],
        [4, 6],
      ],
      { type: 'ellipse', cx: 4, cy: 4, rx: 2, ry: 2, angle: 0 },
    ],
    [
      'line',
      [
        [1, 2],
        [5, 4],
      ],
      { type: 'polyline', points: [1, 2, 5, 4] },
    ],
    [
      'linestrip',
      [
        [1, 2],
        [5, 4],
      ],
      { type: 'polyline', points: [1, 2, 5, 4] },
    ],
    ['point', [[1, 2]], { type: 'points', points: [1, 2], visibility: [2] }],
    [
      'points',
      [
        [1, 2],
        [3, 4],
      ],
      { type: 'points', points: [1, 2, 3, 4], visibility: [2, 2] },
    ],
    [
      'oriented_rectangle',
      [
        [1, 2],
        [3, 2],
        [3, 4],
        [1, 4],
      ],
      { type: 'quad' },
    ],
  ])('reads the shape %s', async (type, points, expected) => {
    expect(await draftOf(shape(type, points))).toMatchObject({ category: 'cat', ...expected })
  })

  it('puts a mask where its first corner is, and writes it back', async () => {
    const corners = [
      [6, 1],
      [7, 2],
    ]
    const { schema, items, layout } = await read(document([shape('mask', corners, { mask: MASK })]))
    const [draft] = items[0]?.layers['ground_truth'] ?? []
    expect(draft).toMatchObject({ type: 'mask', width: 8, height: 6 })
    expect(draft?.type === 'mask' && parseCounts(draft.counts)).toEqual([37, 1, 6, 1, 3])
    const { folder } = await writeAll(labelme, memoryDatasetView(schema, items, layout))
    expect(JSON.parse(annotationFiles(folder)['a.json'] ?? '')).toMatchObject({
      shapes: [{ points: corners }],
    })
    expect((await readAll(labelme, folder)).items).toEqual(items)
  })

  it('reads flags, attributes, groups and flags of the image', async () => {
    const more = { group_id: 3, description: 'far', flags: { blurred: true }, difficult: false }
    const flags = { night: true, rain: false }
    const { items, schema } = await read(document([shape('point', [[1, 2]], more)], { flags }))
    expect(schema.categories.map(({ name }) => name)).toEqual(['cat', 'night'])
    expect(items[0]).toMatchObject({
      layers: {
        ground_truth: [
          { type: 'label', category: 'night' },
          {
            group: 3,
            attributes: { blurred: true, description: 'far' },
            extra: { labelme: { rest: { difficult: false } } },
          },
        ],
      },
      extra: { labelme: { flags: { rain: false } } },
    })
  })

  it('takes the image out of the annotations when there is no file of it', async () => {
    const imageData = Buffer.from(IMAGE).toString('base64')
    const json = document([], { imagePath: '..\\b.png', imageData })
    const { items } = await read(json, 'train/labels/b.json')
    expect(items[0]).toMatchObject({ subset: 'train', id: 'b' })
    expect(items[0]?.media).toEqual([
      {
        role: 'primary',
        path: 'train/labels/b.png',
        kind: 'image',
        width: 8,
        height: 6,
        channels: 3,
      },
    ])
  })

  it('lists classes as labels.txt does, then the others', async () => {
    const json = JSON.stringify(document([shape('point', [[1, 2]])]))
    const folder = memoryFolder([
      ['labels.txt', '__ignore__\nzebra\ndog\n'],
      ['a.json', json],
    ])
    const { schema, items, layout } = await readAll(labelme, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['zebra', 'dog', 'cat'])
    const { folder: written } = await writeAll(labelme, memoryDatasetView(schema, items, layout))
    expect(annotationFiles(written)['labels.txt']).toBe('__ignore__\nzebra\ndog\ncat\n')
  })

  it('reports JSON of another kind, and says which point is wrong', async () => {
    const wrong = document([shape('polygon', [[1, 2], [3]])])
    await expect(read(wrong)).rejects.toThrow('a.json: shapes[0].points[1] should be two numbers')
    const folder = memoryFolder([
      ['a.json', JSON.stringify(document([]))],
      ['package.json', '{"name":"x"}'],
    ])
    const { items, losses } = await readAll(labelme, folder)
    expect(items).toHaveLength(1)
    expect(losses).toEqual([{ what: 'file', where: 'package.json: it holds no shapes' }])
  })
})

describe('writing JSON of labelme', () => {
  it('leaves files and images where they were', async () => {
    const files = [
      [
        'labels/a.json',
        JSON.stringify(
          document(
            [
              shape('circle', [
                [4, 4],
                [1, 0],
              ]),
            ],
            { imagePath: '../images/a.png' },
          ),
        ),
      ],
      ['images/a.png', IMAGE],
    ] as const
    const { schema, items, layout } = await readAll(labelme, memoryFolder(files))
    const { folder, losses } = await writeAll(labelme, memoryDatasetView(schema, items, layout))
    expect([...folder.media]).toEqual(['images/a.png'])
    expect(JSON.parse(annotationFiles(folder)['labels/a.json'] ?? '')).toEqual(
      JSON.parse(files[0][1]),
    )
    expect(losses).toEqual([])
  })

  it('reports ellipses that are no circles, and parts of polygons', async () => {
    const schema = { categories: [], attributes: [], info: {} }
    const media = [{ role: 'primary', path: 'x/a.png', kind: 'image' as const }]
    const parts = [[[0, 0, 4, 0, 4, 4]], [[5, 5, 9, 5, 9, 9]]]
    const drafts = [
      { type: 'polygon', parts },
      { type: 'ellipse', cx: 4, cy: 4, rx: 2, ry: 1, angle: 0 },
    ] as const
    const item = { subset: 'default', id: 'a', media, layers: { ground_truth: drafts } }
    const { folder, losses } = await writeAll(labelme, memoryDatasetView(schema, [item]))
    expect(losses).toEqual([
      { what: 'annotation: polygon', where: 'default/a: parts or holes' },
      { what: 'annotation: ellipse', where: 'default/a' },
    ])
    const { items } = await readAll(labelme, folder)
    expect(items[0]?.layers['ground_truth']).toEqual(
      parts.map((rings) => ({ type: 'polygon', parts: [rings] })),
    )
  })
})
