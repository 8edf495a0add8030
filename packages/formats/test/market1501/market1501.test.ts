import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { annotationFiles, readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('market1501')
const IMAGE = placeholder({ width: 64, height: 128 })
const NAMES = [
  'bounding_box_test/-1_c4s2_000002_00.jpg',
  'bounding_box_test/0002_c4s2_000002_03later.jpg',
  'bounding_box_test/plain.jpg',
  'bounding_box_train/0001_c1s1_000151_01.jpg',
  'query/0002_c1s3_000001_00.jpg',
]

function sample(): ReturnType<typeof memoryFolder> {
  return memoryFolder(NAMES.map((name) => [name, IMAGE] as const))
}

describe('Market-1501', () => {
  it('is read with what the names say', async () => {
    const { items } = await readAll(adapter, sample())
    expect(items.map(({ subset, id, attributes }) => [subset, id, attributes])).toEqual([
      ['test', '-1_c4s2_000002_00', attributesOf('-1', 3, 2, 2, 0, false)],
      ['test', 'later', attributesOf('0002', 3, 2, 2, 3, false)],
      ['test', 'plain', undefined],
      ['train', '0001_c1s1_000151_01', attributesOf('0001', 0, 1, 151, 1, false)],
      ['query', '0002_c1s3_000001_00', attributesOf('0002', 0, 3, 1, 0, true)],
    ])
    expect(items[0]?.media[0]).toMatchObject({ width: 64, height: 128 })
  })

  it('is written under the same names, with lists', async () => {
    const read = await readAll(adapter, sample())
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect([...folder.media].toSorted()).toEqual(NAMES)
    expect(annotationFiles(folder)['images_query.txt']).toBe('query/0002_c1s3_000001_00.jpg\n')
    expect((await readAll(adapter, folder)).items).toEqual(expect.arrayContaining([...read.items]))
  })

  it('keeps the subset of a query that a list puts elsewhere', async () => {
    const folder = memoryFolder([
      ['images_val.txt', 'query/0002_c1s3_000001_00.jpg\nbounding_box_val/gone.jpg\n'],
      ['query/0002_c1s3_000001_00.jpg', IMAGE],
    ])
    const read = await readAll(adapter, folder)
    expect(read.items).toMatchObject([
      { subset: 'val', id: '0002_c1s3_000001_00', attributes: { query: true } },
      { subset: 'val', id: 'gone' },
    ])
    const { losses } = await writeAll(adapter, memoryDatasetView(read.schema, read.items))
    expect(losses).toEqual([])
  })

  it('reports attributes that a name cannot say', async () => {
    const [item] = (await readAll(adapter, sample())).items
    const attributes = { ...item?.attributes, camera_id: 9, hat: true }
    const items = item === undefined ? [] : [{ ...item, attributes }]
    const schema = { categories: [], attributes: [], info: {} }
    const { losses } = await writeAll(adapter, memoryDatasetView(schema, items))
    expect(losses.map(({ what }) => what)).toEqual([
      'item attribute: camera_id',
      'item attribute: hat',
    ])
  })

  it('does not lead out of the folder', async () => {
    const folder = memoryFolder([['images_val.txt', 'query/../../secret.jpg\n']])
    await expect(readAll(adapter, folder)).rejects.toThrow(/line 1 should be the path of an image/)
    expect((await readAll(adapter, folder, { onError: 'skip' })).problems).toHaveLength(1)
  })

  it('is recognised by the names of images', async () => {
    expect((await detectFormat(sample()))[0]).toMatchObject({ format: 'market1501' })
    const other = memoryFolder([['bounding_box_train/a.jpg', IMAGE]])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })
})

function attributesOf(
  person: string,
  camera: number,
  track: number,
  frame: number,
  box: number,
  query: boolean,
): object {
  return {
    person_id: person,
    camera_id: camera,
    track_id: track,
    frame_id: frame,
    bbox_id: box,
    query,
  }
}
