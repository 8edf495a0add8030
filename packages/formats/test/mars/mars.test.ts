import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('mars')
const IMAGE = placeholder({ width: 128, height: 256 })
const folder = memoryFolder([
  ['bbox_train/0001/0001C1T0003F012.jpg', IMAGE],
  ['bbox_train/0001/0002C1T0003F012.jpg', IMAGE],
  ['bbox_train/0002/0002C1T0003F012.jpg', IMAGE],
  ['bbox_test/00-1/00-1C2T0004F001.jpg', IMAGE],
  ['bbox_test/0000/other.jpg', IMAGE],
])

describe('MARS', () => {
  it('is read with people as categories and what the names say', async () => {
    const { items, schema } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['00-1', '0000', '0001', '0002'])
    const first = { camera_id: 1, track_id: 3, frame_id: 12 }
    const rows = items.map(({ subset, id, attributes, layers }) => {
      return [subset, id, attributes, layers['ground_truth']?.[0]?.category]
    })
    expect(rows).toEqual([
      [
        'test',
        '00-1C2T0004F001',
        { person_id: '00-1', camera_id: 2, track_id: 4, frame_id: 1 },
        '00-1',
      ],
      ['test', 'other', undefined, '0000'],
      ['train', '0001C1T0003F012', { person_id: '0001', ...first }, '0001'],
      // The folder says another person than the name; both are kept.
      ['train', '0002C1T0003F012', { person_id: '0002', ...first }, '0001'],
      ['train', '0002/0002C1T0003F012', { person_id: '0002', ...first }, '0002'],
    ])
    expect(items[0]?.media[0]).toMatchObject({ width: 128, height: 256 })
  })

  it('is recognised by the names of images', async () => {
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'mars' })
    const other = memoryFolder([['bbox_train/0001/a.jpg', IMAGE]])
    expect((await adapter.detect(other)).confidence).toBe(0)
  })

  it('is not written', async () => {
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [])
    await expect(writeAll(adapter, view)).rejects.toMatchObject({ code: 'DSV_FORMAT_READ_ONLY' })
  })

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort()
    await expect(readAll(adapter, folder, { signal })).rejects.toThrow(/abort/)
  })
})
