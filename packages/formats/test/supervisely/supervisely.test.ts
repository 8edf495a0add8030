import { type AnnotationDraft, maskArea, maskBounds, readMask, type SourceItem } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { deflateSync } from 'node:zlib'
import { encodePng } from '../../src/media/png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('supervisely')
const IMAGE = placeholder({ width: 20, height: 10 })

/** Two pixels beside each other, grey, as any PNG would do. */
const GREY = deflateSync(
  encodePng({ width: 2, height: 1, bitDepth: 8, colorType: 0, data: new Uint8Array([255, 1]) }),
).toString('base64')

const META = {
  classes: [
    { title: 'car', shape: 'any', color: '#FF8000', id: 11, hotkey: 'c' },
    {
      title: 'person',
      shape: 'graph',
      color: '#0000FF',
      geometry_config: {
        nodes: {
          'b-2': { label: 'head', loc: [1, 1], color: '#111111' },
          'a-1': { label: 'foot', loc: [1, 9], color: '#222222' },
        },
        edges: [{ src: 'b-2', dst: 'a-1', color: '#333333' }],
      },
    },
  ],
  tags: [
    { name: 'parked', value_type: 'none', color: '#000000', id: 7 },
    { name: 'make', value_type: 'oneof_string', values: ['ford', 'fiat'], color: '#000000' },
  ],
  projectType: 'images',
}

const common = { labelerLogin: 'ada', createdAt: '2024-01-01T00:00:00.000Z' }
const object = (geometryType: string, fields: object): object => ({
  id: 5,
  geometryType,
  classTitle: 'car',
  tags: [],
  description: '',
  ...common,
  ...fields,
})
const OBJECTS: readonly object[] = [
  object('rectangle', {
    points: {
      exterior: [
        [9, 8],
        [1, 2],
      ],
      interior: [],
    },
    tags: [
      { name: 'parked', value: null, id: 3, labelerLogin: 'ada' },
      { name: 'make', value: 'fiat' },
      { name: '@label-group-id', value: '4' },
    ],
  }),
  object('oriented_bbox', {
    points: {
      exterior: [
        [1, 2],
        [5, 4],
      ],
      interior: [],
    },
    angle: 0.5,
  }),
  object('polygon', {
    points: {
      exterior: [
        [0, 0],
        [9, 0],
        [9, 9],
      ],
      interior: [
        [
          [2, 1],
          [3, 1],
          [3, 2],
        ],
      ],
    },
  }),
  object('line', {
    points: {
      exterior: [
        [0, 0],
        [3.5, 4],
      ],
      interior: [],
    },
  }),
  object('point', { points: { exterior: [[7, 7]], interior: [] } }),
  object('bitmap', { bitmap: { data: GREY, origin: [19, 3] } }),
  object('graph', {
    classTitle: 'person',
    nodes: { 'a-1': { loc: [3, 4], disabled: true } },
  }),
  object('cuboid', { points: [] }),
]

function project(objects: readonly object[] = OBJECTS): MemoryFolder {
  const annotations = {
    description: 'a street',
    name: 'a.jpg',
    size: { width: 20, height: 10 },
    tags: [
      { name: 'parked', value: null },
      { name: 'make', value: 'ford' },
    ],
    objects,
  }
  return memoryFolder([
    ['meta.json', JSON.stringify(META)],
    ['ds1/ann/a.jpg.json', JSON.stringify(annotations)],
    ['ds1/img/a.jpg', IMAGE],
    ['ds1/img/b.jpg', IMAGE],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('reading', () => {
  it('reads classes with colours, key points and tags', async () => {
    const { schema } = await readAll(adapter, project())
    expect(schema).toMatchObject({
      categories: [
        {
          name: 'car',
          color: [255, 128, 0],
          sourceIds: { supervisely: 11 },
          extra: { supervisely: { shape: 'any', hotkey: 'c' } },
        },
        { name: 'person', skeleton: { points: ['head', 'foot'], edges: [[0, 1]] } },
      ],
      attributes: [
        { name: 'parked', type: 'boolean' },
        { name: 'make', type: 'enum', values: ['ford', 'fiat'] },
      ],
    })
  })

  it('reads every shape that there is a name for, and reports the others', async () => {
    const { items, losses } = await readAll(adapter, project())
    expect(items.map(({ subset, id }) => `${subset}/${id}`)).toEqual(['ds1/a', 'ds1/b'])
    expect(items[0]).toMatchObject({
      tags: ['parked'],
      attributes: { make: 'ford' },
      extra: { supervisely: { description: 'a street' } },
    })
    const drafts = truth(items[0])
    expect(drafts).toMatchObject([
      {
        type: 'box',
        x: 1,
        y: 2,
        width: 8,
        height: 6,
        category: 'car',
        sourceId: 5,
        group: 4,
        attributes: { parked: true, make: 'fiat' },
        extra: { supervisely: { ...common, tags: { parked: { id: 3, labelerLogin: 'ada' } } } },
      },
      { type: 'rotated-box', cx: 3, cy: 3, width: 4, height: 2, angle: 0.5 },
      {
        type: 'polygon',
        parts: [
          [
            [0, 0, 9, 0, 9, 9],
            [2, 1, 3, 1, 3, 2],
          ],
        ],
      },
      { type: 'polyline', points: [0, 0, 3.5, 4] },
      { type: 'points', points: [7, 7], visibility: [2] },
      { type: 'mask', width: 20, height: 10 },
      { type: 'points', points: [0, 0, 3, 4], visibility: [0, 1], category: 'person' },
    ])
    const mask = drafts[5]?.type === 'mask' ? readMask(drafts[5]) : undefined
    // The second pixel lies beyond the edge of the image.
    expect(mask && [maskArea(mask), maskBounds(mask)]).toEqual([1, [19, 3, 1, 1]])
    expect(losses).toEqual([{ what: 'annotation: cuboid', where: 'ds1/a' }])
  })

  it.each([
    [object('rectangle', { points: { exterior: [[1, 2]] } }), /exterior should be two points/u],
    [
      object('polygon', { points: { exterior: [[1, 'x']] } }),
      /exterior should be a list of points/u,
    ],
    [object('bitmap', { bitmap: { data: 'eJw=', origin: [0, 0] } }), /no compressed PNG/u],
    [object('point', { classTitle: 'cat' }), /classTitle is no class of the project: cat/u],
    [object('graph', { classTitle: 'person', nodes: { x: {} } }), /nodes\.x is no node/u],
  ])('names the object that is wrong, or goes on without it: %#', async (wrong, message) => {
    const folder = project([...OBJECTS.slice(0, 1), wrong])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, folder, { onError: 'skip' })
    expect([truth(items[0]).length, problems.length]).toEqual([1, 1])
  })

  it('is sure of projects of images only', async () => {
    expect((await detectFormat(project()))[0]).toMatchObject({ format: 'supervisely' })
    const folder = project()
    folder.files.set('meta.json', Buffer.from(JSON.stringify({ ...META, projectType: 'videos' })))
    expect((await adapter.detect(folder)).confidence).toBeLessThan(0.5)
  })
})

describe('writing', () => {
  it('gives the same project again', async () => {
    const read = await readAll(adapter, project())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const json = (path: string): unknown =>
      JSON.parse(Buffer.from(folder.files.get(path) ?? '').toString('utf8'))
    expect(json('meta.json')).toEqual({
      ...META,
      tags: [...META.tags, expect.objectContaining({ name: '@label-group-id' })],
    })
    expect(json('ds1/ann/a.jpg.json')).toMatchObject({
      description: 'a street',
      name: 'a.jpg',
      size: { width: 20, height: 10 },
      tags: [
        { name: 'parked', value: null },
        { name: 'make', value: 'ford' },
      ],
    })
    const again = await readAll(adapter, folder)
    expect(again.items).toEqual(read.items)
  })

  it('makes an object of each part of a polygon, and says so', async () => {
    const [item] = (await readAll(adapter, project())).items
    if (item === undefined) throw new Error('nothing was read')
    const ring = [0, 0, 1, 0, 1, 1]
    const draft: AnnotationDraft = { type: 'polygon', parts: [[ring], [ring]], category: 'car' }
    const schema = { categories: [{ key: 'car', name: 'car' }], attributes: [], info: {} }
    const items = [{ ...item, layers: { ground_truth: [draft] } }]
    const { folder, losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses.map(({ what }) => what)).toEqual(['geometry: polygon'])
    expect(truth((await readAll(adapter, folder)).items[0])).toHaveLength(2)
  })
})
