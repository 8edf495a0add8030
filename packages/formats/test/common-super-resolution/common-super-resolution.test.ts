import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('common-super-resolution')
const LOW = placeholder({ width: 2, height: 1 })
const HIGH = placeholder({ width: 8, height: 4 })

describe('common-super-resolution', () => {
  it('pairs images by name: the low one is the item, the high one what it refers to', async () => {
    const folder = memoryFolder([
      ['LR/1.png', LOW],
      ['HR/1.jpg', HIGH],
      ['upsampled/1.png', HIGH],
      ['LR/a/2.png', LOW],
      ['HR/3.png', HIGH],
      ['LR/notes.txt', ''],
    ])
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'common-super-resolution' })
    const { items } = await readAll(adapter, folder)
    const [low, high] = [
      { kind: 'image', width: 2, height: 1, channels: 3 },
      { kind: 'image', width: 8, height: 4, channels: 3 },
    ]
    const sorted = [...items].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(sorted).toEqual([
      {
        subset: 'default',
        id: '1',
        media: [
          { role: 'primary', path: 'LR/1.png', ...low },
          { role: 'high-resolution', path: 'HR/1.jpg', ...high },
          { role: 'upsampled', path: 'upsampled/1.png', ...high },
        ],
        layers: {
          ground_truth: [{ type: 'reference', role: 'high-resolution', path: 'HR/1.jpg' }],
        },
      },
      {
        subset: 'default',
        id: '3',
        media: [{ role: 'high-resolution', path: 'HR/3.png', ...high }],
        layers: {
          ground_truth: [{ type: 'reference', role: 'high-resolution', path: 'HR/3.png' }],
        },
      },
      {
        subset: 'default',
        id: 'a/2',
        media: [{ role: 'primary', path: 'LR/a/2.png', ...low }],
        layers: { ground_truth: [] },
      },
    ])
  })

  it('is written with all of it, into folders of subsets', async () => {
    const source = memoryFolder([
      ['train/LR/1.png', LOW],
      ['train/HR/1.png', HIGH],
      ['val/LR/1.png', LOW],
    ])
    const read = await readAll(adapter, source)
    expect(read.items.map(({ subset }) => subset).toSorted()).toEqual(['train', 'val'])
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { folder, losses } = await writeAll(adapter, view)
    expect(losses).toEqual([])
    expect([...folder.files.keys()].toSorted()).toEqual([...source.files.keys()].toSorted())
    expect((await readAll(adapter, folder)).items).toEqual(read.items)
  })

  it('reports references to files that are no media', async () => {
    const read = await readAll(adapter, memoryFolder([['LR/1.png', LOW]]))
    const items = read.items.map((item) => ({
      ...item,
      layers: {
        ground_truth: [
          { type: 'reference', role: 'high-resolution', path: 'HR/1.png' } as const,
          { type: 'reference', role: 'depth', path: 'LR/1.png' } as const,
        ],
      },
    }))
    const { losses } = await writeAll(adapter, memoryDatasetView(read.schema, items))
    expect(losses.map(({ what }) => what)).toEqual([
      'annotation: reference',
      'annotation: reference',
    ])
  })
})
