import { type AnnotationDraft, parseCounts, type SourceItem } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { type ReadBack, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const studio = await loadAdapter('label-studio')

const SIZE = { original_width: 200, original_height: 100, image_rotation: 0 }

function result(type: string, value: object, more: object = {}): object {
  return { id: 'r', type, from_name: 'label', to_name: 'image', ...SIZE, value, ...more }
}

function task(results: readonly object[], more: object = {}): object {
  const data = { image: '/data/upload/3/0a1b2c3d-street%20one.png' }
  return { id: 7, data, annotations: [{ id: 70, result: results }], ...more }
}

async function read(
  tasks: readonly object[],
  files: Iterable<readonly [string, string | Uint8Array]> = [],
): Promise<ReadBack> {
  const text = JSON.stringify(tasks)
  return readAll(studio, memoryFolder([['export.json', text], ...files]))
}

async function draftsOf(...results: readonly object[]): Promise<readonly AnnotationDraft[]> {
  const { items } = await read([task(results)])
  return items[0]?.layers['ground_truth'] ?? []
}

describe('reading regions of Label Studio', () => {
  it('reads hundredths of the size of the image', async () => {
    const value = { x: 10, y: 20, width: 30, height: 40, rotation: 0, rectanglelabels: ['car'] }
    const [box] = await draftsOf(result('rectanglelabels', value, { score: 0.5 }))
    expect(box).toEqual({
      type: 'box',
      category: 'car',
      sourceId: 'r',
      score: 0.5,
      x: 20,
      y: 20,
      width: 60,
      height: 40,
      extra: { 'label-studio': { from_name: 'label', to_name: 'image' } },
    })
  })

  it('turns a box about its upper left corner', async () => {
    const value = { x: 50, y: 50, width: 10, height: 10, rotation: 90, rectanglelabels: ['car'] }
    const [box] = await draftsOf(result('rectanglelabels', value))
    // The box goes 20 down and 10 to the left of (100, 50).
    expect(box).toMatchObject({ type: 'rotated-box', width: 20, height: 10, angle: Math.PI / 2 })
    expect(box).toMatchObject({ cx: expect.closeTo(95, 9), cy: expect.closeTo(60, 9) })
  })

  it('reads polygons, points and ellipses', async () => {
    const points = [
      [0, 0],
      [50, 0],
      [50, 50],
    ]
    const drafts = await draftsOf(
      result('polygonlabels', { points, closed: true, polygonlabels: ['a'] }, { id: '1' }),
      result('keypointlabels', { x: 50, y: 50, width: 2, keypointlabels: ['b'] }, { id: '2' }),
      result('ellipselabels', { x: 50, y: 50, radiusX: 10, radiusY: 10, rotation: 0 }, { id: '3' }),
    )
    expect(drafts).toMatchObject([
      { type: 'polygon', parts: [[[0, 0, 100, 0, 100, 50]]] },
      { type: 'points', points: [100, 50], visibility: [2] },
      { type: 'ellipse', cx: 100, cy: 50, rx: 20, ry: 10, angle: 0 },
    ])
  })

  it('reads what a brush drew, literal bytes and runs alike', async () => {
    // 2 × 1 pixels: four literal bytes of which the last is opaque, then a run of four that is not.
    const bits = [
      '1000'.padStart(32, '0'),
      '00111 0010 0011 0111 1111',
      '0 00 011 00000000 00000000 00000000 11111111',
      '1 00 011 00000000',
    ].join('')
    const bytes = bits.replaceAll(' ', '').match(/.{1,8}/gu) ?? []
    const rle = bytes.map((byte) => parseInt(byte.padEnd(8, '0'), 2))
    const size = { original_width: 2, original_height: 1 }
    const value = { format: 'rle', rle, brushlabels: ['car'] }
    const [mask] = await draftsOf(result('brushlabels', value, size))
    expect(mask).toMatchObject({ type: 'mask', width: 2, height: 1, category: 'car' })
    expect(mask?.type === 'mask' ? parseCounts(mask.counts) : []).toEqual([0, 1, 1])
  })

  it('joins the results that speak of one region', async () => {
    const value = { x: 0, y: 0, width: 10, height: 10, rotation: 0 }
    const [box, ...more] = await draftsOf(
      result('rectangle', value),
      result('labels', { labels: ['car', 'red'] }),
      result('choices', { choices: ['parked'] }, { from_name: 'state' }),
      result('textarea', { text: ['AB 12'] }, { from_name: 'plate' }),
    )
    expect(more).toEqual([])
    expect(box).toMatchObject({
      category: 'car',
      attributes: { state: 'parked', plate: 'AB 12' },
      extra: { 'label-studio': { labels: ['red'] } },
    })
  })

  it('reads choices and texts of the whole image', async () => {
    const drafts = await draftsOf(
      { id: 'a', type: 'choices', from_name: 'c', to_name: 'i', value: { choices: ['x', 'y'] } },
      { id: 'b', type: 'textarea', from_name: 't', to_name: 'i', value: { text: 'hello' } },
      {
        id: 'c',
        type: 'taxonomy',
        from_name: 'n',
        to_name: 'i',
        value: { taxonomy: [['k', 'l']] },
      },
    )
    expect(drafts.map(({ type, category }) => [type, category])).toEqual([
      ['label', 'x'],
      ['label', 'y'],
      ['caption', undefined],
      ['label', 'k/l'],
    ])
  })
})

describe('reading tasks of Label Studio', () => {
  const box = result('rectanglelabels', { x: 0, y: 0, width: 1, height: 1, rectanglelabels: ['a'] })

  it('puts predictions into layers of their models, with the score of the whole', async () => {
    const predictions = [
      { model_version: 'yolo v8', score: 0.25, result: [box] },
      { model_version: 'yolo v8', result: [{ ...box, score: 0.75 }] },
    ]
    const { items } = await read([task([], { predictions })])
    const layers: SourceItem['layers'] = items[0]?.layers ?? {}
    expect(Object.keys(layers)).toEqual([
      'ground_truth',
      'predictions/yolo v8',
      'predictions/yolo v8#2',
    ])
    expect(layers['predictions/yolo v8']?.[0]?.score).toBe(0.25)
    expect(layers['predictions/yolo v8#2']?.[0]?.score).toBe(0.75)
  })

  it('takes the annotation that is the ground truth, and keeps the others apart', async () => {
    const annotations = [
      { id: 1, completed_by: 5, was_cancelled: true, result: [] },
      { id: 2, completed_by: { email: 'ada@example.org' }, result: [] },
      { id: 3, completed_by: 6, ground_truth: true, result: [box] },
    ]
    const { items } = await read([task([], { annotations })])
    expect(
      Object.entries(items[0]?.layers ?? {}).map(([name, list]) => [name, list.length]),
    ).toEqual([
      ['ground_truth', 1],
      ['annotations/5', 0],
      ['annotations/ada@example.org', 0],
    ])
  })

  it.each([
    ['/data/upload/3/0a1b2c3d-street%20one.png', 'images/street one.png', '0a1b2c3d-street one'],
    ['/data/local-files/?d=a/street%20one.png', 'a/street one.png', 'a/street one'],
    ['s3://bucket/a/b.png', 'deep/a/b.png', 'a/b'],
    ['https://example.org/a/b.png?x=1', 'b.png', 'a/b'],
    ['../../etc/b.png', 'etc/b.png', 'etc/b'],
  ])('finds the image %s', async (image, path, id) => {
    const { items } = await read(
      [task([], { data: { image } })],
      [[path, placeholder({ width: 4, height: 3 })]],
    )
    expect(items).toMatchObject([{ id, media: [{ path, width: 4, height: 3 }] }])
  })

  it('writes a task as it was: numbers, people, relations, regions', async () => {
    const relation = { type: 'relation', from_id: 'r', to_id: 'r2', direction: 'right' }
    const choice = result('choices', { choices: ['parked'] }, { from_name: 'state' })
    const points = [
      [0, 0],
      [50, 0],
      [50, 50],
    ]
    const polygon = result(
      'polygonlabels',
      { points, closed: true, polygonlabels: ['b'] },
      { id: 'r2' },
    )
    const whole = task([box, choice, polygon, relation], {
      created_at: '2026-01-01',
      predictions: [{ id: 9, model_version: 'm', score: 0.5, result: [box] }],
    })
    const first = await read([whole])
    const view = memoryDatasetView(first.schema, first.items, first.layout)
    const { folder, losses } = await writeAll(studio, view)
    expect(losses).toEqual([])
    expect((await readAll(studio, folder)).items).toEqual(first.items)
    const written: unknown = JSON.parse(
      Buffer.from(folder.files.get('export.json') ?? []).toString('utf8'),
    )
    expect(written).toMatchObject([
      {
        id: 7,
        created_at: '2026-01-01',
        data: { image: '/data/upload/3/0a1b2c3d-street%20one.png' },
        annotations: [{ id: 70, result: [box, { id: 'r', type: 'choices' }, polygon, relation] }],
        predictions: [{ id: 9, model_version: 'm', score: 0.5, result: [{ id: 'r' }] }],
      },
    ])
  })
})

describe('what is wrong in tasks of Label Studio', () => {
  it.each([
    [
      result('rectanglelabels', { x: 'a', y: 0, width: 1, height: 1 }),
      'value.x should be a number',
    ],
    [result('brushlabels', { format: 'rle', rle: [1, 2, 3] }), 'value.rle should be the packed'],
    [{ type: 'rectanglelabels', value: {} }, 'has no original_width and original_height'],
  ])('is told with its place', async (bad, message) => {
    await expect(read([task([bad])])).rejects.toThrow(message)
    const folder = memoryFolder([['e.json', JSON.stringify([task([bad])])]])
    const { items, problems } = await readAll(studio, folder, { onError: 'skip' })
    expect([items.length, problems.length]).toEqual([1, 1])
  })
})

describe('writing Label Studio', () => {
  const item = (drafts: readonly AnnotationDraft[]): SourceItem => ({
    subset: 'default',
    id: 'a',
    media: [{ role: 'primary', path: 'a.png', kind: 'image', width: 20, height: 10 }],
    layers: {
      ground_truth: drafts,
      'predictions/new': [{ type: 'label', category: 'x', score: 1 }],
    },
  })
  const schema = {
    categories: [{ key: 'x', name: 'x', color: [255, 0, 16] as const }],
    attributes: [],
    info: {},
  }

  it('writes a configuration with the labels, and reads their order and colours from it', async () => {
    const { folder } = await writeAll(studio, memoryDatasetView(schema, [item([])]))
    const config = Buffer.from(folder.files.get('label_config.xml') ?? []).toString('utf8')
    expect(config).toContain('<Label value="x" background="#ff0010"/>')
    const back = await readAll(studio, folder)
    expect(back.schema.categories).toEqual(schema.categories)
    expect(back.items[0]?.layers['predictions/new']).toMatchObject([{ category: 'x', score: 1 }])
  })

  it('draws a polygon with holes with the brush, and says so', async () => {
    const parts = [
      [
        [0, 0, 8, 0, 8, 8, 0, 8],
        [2, 2, 4, 2, 4, 4, 2, 4],
      ],
    ]
    const view = memoryDatasetView(schema, [item([{ type: 'polygon', parts }])])
    const { folder, losses } = await writeAll(studio, view)
    expect(losses.map(({ what }) => what)).toEqual(['annotation: polygon'])
    expect((await readAll(studio, folder)).items[0]?.layers['ground_truth']?.[0]?.type).toBe('mask')
  })
})
