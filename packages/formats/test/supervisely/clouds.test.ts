import type { AnnotationDraft, SourceItem } from '@dsv/core'
import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { type MemoryFolder, memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('supervisely')
const META = {
  classes: [{ title: 'car', shape: 'cuboid_3d', color: '#00FF00', id: 0 }],
  tags: [{ name: 'parked', value_type: 'any_string', color: '' }],
  projectType: 'point_clouds',
}
const figure = (key: string, objectKey: string, x: number): object => ({
  key,
  objectKey,
  geometryType: 'cuboid_3d',
  geometry: {
    position: { x, y: 2, z: 3 },
    rotation: { x: 0, y: 0, z: 0.5 },
    dimensions: { x: 4, y: 5, z: 6 },
  },
  labelerLogin: 'ada',
})
const ANNOTATIONS = {
  description: 'rain',
  key: 'v1',
  tags: [{ key: 't1', name: 'wet', value: 'true' }],
  objects: [
    { key: 'o1', classTitle: 'car', tags: [{ key: 't2', name: 'parked', value: 'false' }] },
    { key: 'o2', classTitle: 'car', tags: [] },
  ],
  figures: [figure('f1', 'o1', 1), figure('f2', 'o2', 1.5)],
}

function project(annotations: object = ANNOTATIONS): MemoryFolder {
  return memoryFolder([
    ['meta.json', JSON.stringify(META)],
    [
      'key_id_map.json',
      JSON.stringify({
        tags: { t1: 1 },
        objects: { o1: 21, o2: 22 },
        figures: { f1: 31 },
        videos: { v1: 9 },
      }),
    ],
    ['ds0/ann/a.pcd.json', JSON.stringify(annotations)],
    ['ds0/pointcloud/a.pcd', 'VERSION .7\n'],
    ['ds0/pointcloud/b.pcd', 'VERSION .7\n'],
    ['ds0/related_images/a_pcd/left.png', placeholder({ width: 8, height: 4 })],
    ['ds0/related_images/a_pcd/left.png.json', '{"name":"left.png","meta":{"fov":90}}'],
  ])
}

const truth = (item: SourceItem | undefined): readonly AnnotationDraft[] =>
  item?.layers['ground_truth'] ?? []

describe('a project of point clouds', () => {
  it('is read: cuboids with tracks, tags and images of the same moment', async () => {
    const { items } = await readAll(adapter, project())
    expect(items.map(({ subset, id }) => `${subset}/${id}`)).toEqual(['default/a', 'default/b'])
    expect(items[0]).toMatchObject({
      attributes: { frame: 9, wet: true },
      media: [
        { role: 'primary', path: 'ds0/pointcloud/a.pcd', kind: 'point-cloud' },
        { role: 'related', path: 'ds0/related_images/a_pcd/left.png', width: 8 },
      ],
      extra: {
        supervisely: { description: 'rain', sensors: { 'left.png': { meta: { fov: 90 } } } },
      },
    })
    expect(truth(items[0])).toMatchObject([
      {
        type: 'cuboid-3d',
        position: [1, 2, 3],
        rotation: [0, 0, 0.5],
        size: [4, 5, 6],
        category: 'car',
        track: 21,
        sourceId: 31,
        attributes: { parked: false },
      },
      { track: 22 },
    ])
    expect((await detectFormat(project()))[0]).toMatchObject({ format: 'supervisely' })
  })

  it('is the same after it was written', async () => {
    const read = await readAll(adapter, project())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    const again = await readAll(adapter, folder)
    expect(again.items[0]).toEqual(read.items[0])
    expect(again.items.map(({ layers, media }) => [layers, media])).toEqual(
      read.items.map(({ layers, media }) => [layers, media]),
    )
    const json = (path: string): unknown =>
      JSON.parse(Buffer.from(folder.files.get(path) ?? '').toString('utf8'))
    expect(json('ds0/ann/a.pcd.json')).toEqual(ANNOTATIONS)
    expect(json('key_id_map.json')).toMatchObject({
      objects: { o1: 21, o2: 22 },
      figures: { f1: 31 },
      videos: { v1: 9 },
    })
    expect(json('ds0/related_images/a_pcd/left.png.json')).toEqual({
      name: 'left.png',
      meta: { fov: 90 },
    })
  })

  it('gives cuboids of other tags another object, and says so', async () => {
    const read = await readAll(adapter, project())
    const [item] = read.items
    if (item === undefined) throw new Error('nothing was read')
    const [first] = truth(item)
    if (first?.type !== 'cuboid-3d') throw new Error('no cuboid was read')
    const { position, rotation, size } = first
    const same = { type: 'cuboid-3d', position, rotation, size, category: 'car', track: 7 } as const
    const drafts: readonly AnnotationDraft[] = [same, same, { ...same, attributes: { n: 1 } }]
    const items = [{ ...item, layers: { ground_truth: drafts } }]
    const view = memoryDatasetView({ ...read.schema, info: {} }, items)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([{ what: 'field: track', where: 'default/a' }])
    const again = truth((await readAll(adapter, folder)).items[0])
    expect(again.map(({ track, attributes }) => [track, attributes])).toEqual([
      [7, undefined],
      [7, undefined],
      [8, { n: 1 }],
    ])
  })

  it.each([
    [{ ...ANNOTATIONS, figures: [figure('f', 'o9', 1)] }, /objectKey is no object/u],
    [{ ...ANNOTATIONS, objects: [{ key: 'o1', classTitle: 'cat' }] }, /no class of the project/u],
    [{ ...ANNOTATIONS, figures: [{ ...figure('f', 'o1', 1), geometry: {} }] }, /position should/u],
  ])('names what is wrong, or goes on: %#', async (annotations, message) => {
    await expect(readAll(adapter, project(annotations))).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
    const { items, problems } = await readAll(adapter, project(annotations), { onError: 'skip' })
    expect(items).toHaveLength(2)
    expect(problems.length).toBeGreaterThan(0)
  })
})
