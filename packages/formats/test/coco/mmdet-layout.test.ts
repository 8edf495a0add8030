import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const coco = await loadAdapter('coco')
const SUBSETS = ['train', 'val']

function instances(): string {
  return JSON.stringify({
    images: [{ id: 1, file_name: 'a.jpg', width: 20, height: 10 }],
    annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], iscrowd: 0 }],
    categories: [{ id: 1, name: 'cat' }],
  })
}

describe('the COCO layout of MMDetection', () => {
  it('has images in a folder of their subset, and they stay there', async () => {
    const image = placeholder({ width: 20, height: 10 })
    const before = memoryFolder([
      ...SUBSETS.map((subset) => [`annotations/instances_${subset}.json`, instances()] as const),
      ...SUBSETS.map((subset) => [`${subset}/a.jpg`, image] as const),
    ])
    const { schema, items, layout } = await readAll(coco, before)
    expect(items.map(({ subset, id, media }) => [subset, id, media[0]?.path])).toEqual([
      ['train', 'a', 'train/a.jpg'],
      ['val', 'a', 'val/a.jpg'],
    ])
    const { folder, losses } = await writeAll(coco, memoryDatasetView(schema, items, layout))
    expect([...folder.files.keys()].toSorted()).toEqual([...before.files.keys()].toSorted())
    expect(losses).toEqual([])
  })

  it.each(['', 'images/'])(
    'takes no image of another subset for a missing one (%s)',
    async (above) => {
      const image = placeholder({ width: 20, height: 10 })
      const folder = memoryFolder([
        ...SUBSETS.map((subset) => [`annotations/instances_${subset}.json`, instances()] as const),
        [`${above}train/b.jpg`, image],
        [`${above}val/a.jpg`, image],
      ])
      const { items } = await readAll(coco, folder)
      expect(items.map(({ subset, media }) => [subset, media[0]?.path])).toEqual([
        ['train', `${above}train/a.jpg`],
        ['val', `${above}val/a.jpg`],
      ])
    },
  )

  it('finds the images of a subset without a folder in that of another', async () => {
    const folder = memoryFolder([
      ['annotations/instances_val2014.json', instances()],
      ['annotations/instances_minival2014.json', instances()],
      ['images/val2014/a.jpg', placeholder({ width: 20, height: 10 })],
    ])
    const { items } = await readAll(coco, folder)
    expect(items.map(({ media }) => media[0]?.path)).toEqual([
      'images/val2014/a.jpg',
      'images/val2014/a.jpg',
    ])
  })
})
