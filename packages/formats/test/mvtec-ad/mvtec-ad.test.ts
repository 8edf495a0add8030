import { detectFormat, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { encodeMaskPng } from '../../src/shared/mask-png.ts'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('mvtec-ad')
const IMAGE = placeholder({ width: 2, height: 2 })
const MASK = encodeMaskPng({ width: 2, height: 2, counts: [1, 2, 1] }, 255)

const bottle: readonly (readonly [string, string | Uint8Array])[] = [
  ['train/good/000.png', IMAGE],
  ['test/good/000.png', IMAGE],
  ['test/broken/000.png', IMAGE],
  ['test/broken/001.png', IMAGE],
  ['ground_truth/broken/000_mask.png', MASK],
]

describe('one object of MVTec AD', () => {
  const folder = memoryFolder(bottle)

  it('is read once, with labels and masks', async () => {
    const { items, schema, losses } = await readAll(adapter, folder)
    expect(losses).toEqual([])
    expect(schema.categories.map(({ name }) => name)).toEqual(['broken', 'good'])
    expect(items.map(({ subset, id, layers }) => [subset, id, layers['ground_truth']])).toEqual([
      [
        'test',
        'broken/000',
        [
          { type: 'label', category: 'broken' },
          { type: 'mask', category: 'broken', width: 2, height: 2, counts: '121' },
        ],
      ],
      ['test', 'broken/001', [{ type: 'label', category: 'broken' }]],
      ['test', 'good/000', [{ type: 'label', category: 'good' }]],
      ['train', 'good/000', [{ type: 'label', category: 'good' }]],
    ])
  })

  it('is written with all of it', async () => {
    const read = await readAll(adapter, folder)
    const again = await writeAll(adapter, memoryDatasetView(read.schema, read.items, read.layout))
    expect(again.losses).toEqual([])
    expect([...again.folder.files.keys()].toSorted()).toEqual([...folder.files.keys()].toSorted())
    expect((await readAll(adapter, again.folder)).items).toEqual(read.items)
  })

  it('makes one mask of several, and says so', async () => {
    const read = await readAll(adapter, folder)
    const mask = { type: 'mask', category: 'broken', width: 2, height: 2, counts: '031' } as const
    const items = read.items.slice(0, 1).map((item) => {
      return { ...item, layers: { ground_truth: [...(item.layers['ground_truth'] ?? []), mask] } }
    })
    const again = await writeAll(adapter, memoryDatasetView(read.schema, items))
    expect(again.losses.map(({ what }) => what)).toEqual(['annotation: mask', 'category'])
    const back = await readAll(adapter, again.folder)
    expect(back.items[0]?.layers['ground_truth']?.[1]).toMatchObject({ counts: '031' })
  })

  it('takes the defect from a mask where no label says it', async () => {
    const read = await readAll(adapter, folder)
    const items = read.items.slice(0, 1).map((item) => {
      return { ...item, layers: { ground_truth: (item.layers['ground_truth'] ?? []).slice(1) } }
    })
    const again = await writeAll(adapter, memoryDatasetView(read.schema, items))
    expect(again.losses).toEqual([{ what: 'category', where: 'good' }])
    expect((await readAll(adapter, again.folder)).items).toEqual(read.items.slice(0, 1))
  })

  it('is recognised by its masks', async () => {
    expect((await detectFormat(folder))[0]).toMatchObject({ format: 'mvtec-ad' })
    const other = memoryFolder(bottle.filter(([path]) => !path.startsWith('ground_truth')))
    expect((await adapter.detect(other)).confidence).toBe(0)
  })
})

describe('several objects', () => {
  it('are told apart by what stands before the subset', async () => {
    const folder = memoryFolder([
      ...bottle.map(([path, bytes]) => [`bottle/${path}`, bytes] as const),
      ['cable/train/good/000.png', IMAGE],
      ['cable/ground_truth/cut/lost_mask.png', MASK],
    ])
    const read = await readAll(adapter, folder)
    expect(read.losses).toEqual([
      { what: 'mask of no image', where: 'cable/ground_truth/cut/lost_mask.png' },
    ])
    expect(read.items.map(({ subset, id }) => `${subset}: ${id}`)).toEqual([
      'test: bottle/broken/000',
      'test: bottle/broken/001',
      'test: bottle/good/000',
      'train: bottle/good/000',
      'train: cable/good/000',
    ])
    const again = await writeAll(adapter, memoryDatasetView(read.schema, read.items))
    expect(again.losses).toEqual([])
    expect((await readAll(adapter, again.folder)).items).toEqual(read.items)
  })
})
