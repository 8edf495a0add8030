import { loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { readAll, readContext, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('image-folder')
const IMAGE = placeholder({ width: 4, height: 3 })

async function keysIn(...paths: string[]): Promise<readonly string[]> {
  const { items } = await readAll(adapter, memoryFolder(paths.map((path) => [path, IMAGE])))
  return items.map(({ subset, id, layers }) => {
    const [label] = layers['ground_truth'] ?? []
    return `${subset}:${id}${label === undefined ? '' : ` = ${label.category ?? ''}`}`
  })
}

describe('reading folders of images', () => {
  it('names images by their path', async () => {
    expect(await keysIn('a.jpg', 'deep/er/b.PNG')).toEqual(['default:a', 'default:deep/er/b'])
  })

  it('takes first-level train, val and test for subsets', async () => {
    expect(await keysIn('train/a.jpg', 'val/a.jpg')).toEqual(['train:a', 'val:a'])
  })

  it('takes a folder for each class for labels', async () => {
    expect(await keysIn('train/cat/1.jpg', 'train/dog/2.jpg', 'val/cat/1.jpg')).toEqual([
      'train:1 = cat',
      'train:2 = dog',
      'val:1 = cat',
    ])
  })

  it('does not take a folder "images" for a class', async () => {
    expect(await keysIn('train/images/1.jpg', 'images/2.jpg', 'cat/3.jpg')).toEqual([
      'default:cat/3',
      'default:images/2',
      'default:train/images/1',
    ])
  })

  it('keeps extensions where names collide', async () => {
    expect(await keysIn('a.jpg', 'a.png', 'b.png')).toEqual([
      'default:a.jpg',
      'default:a.png',
      'default:b',
    ])
  })

  it('puts the class before names that several classes have', async () => {
    expect(await keysIn('cat/1.jpg', 'dog/1.jpg', 'dog/1.png', 'dog/2.jpg')).toEqual([
      'default:cat/1 = cat',
      'default:dog/1.jpg = dog',
      'default:dog/1.png = dog',
      'default:2 = dog',
    ])
  })

  it('sees an image that moves to another class as the same item', async () => {
    const before = memoryFolder(
      ['cat/1.jpg', 'cat/2.jpg', 'dog/3.jpg'].map((path) => [path, IMAGE]),
    )
    const after = memoryFolder(['cat/1.jpg', 'dog/2.jpg', 'dog/3.jpg'].map((path) => [path, IMAGE]))
    const read = await readAll(adapter, before)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const changed = ['cat/2.jpg', 'dog/2.jpg']
    const patch = await adapter.readChanged?.(after, changed, view, readContext(after).context)
    expect(patch?.removed).toEqual([])
    const items = []
    for await (const item of patch?.items ?? []) items.push(item)
    expect(items).toMatchObject([
      { id: '2', layers: { ground_truth: [{ type: 'label', category: 'dog' }] } },
    ])
  })

  it('needs a full read when a namesake comes', async () => {
    const before = memoryFolder(['cat/1.jpg', 'dog/3.jpg'].map((path) => [path, IMAGE]))
    const read = await readAll(adapter, before)
    before.files.set('dog/1.jpg', IMAGE)
    const view = memoryDatasetView(read.schema, read.items, read.layout)
    const { context } = readContext(before)
    expect(await adapter.readChanged?.(before, ['dog/1.jpg'], view, context)).toBeUndefined()
  })

  it('gives way where annotation files are', async () => {
    const files = ['a.jpg', 'a.json'].map((path) => [path, IMAGE] as const)
    expect((await adapter.detect(memoryFolder(files))).confidence).toBeLessThan(0.5)
  })
})

describe('writing folders of images', () => {
  it('reports labels beyond the first, and everything else', async () => {
    const schema = { categories: [{ key: 'cat', name: 'cat' }], attributes: [], info: {} }
    const item = {
      subset: 'train',
      id: 'x/1',
      media: [{ role: 'primary', path: 'x/1.jpg', kind: 'image' as const }],
      tags: ['night'],
      layers: {
        ground_truth: [
          { type: 'label' as const, category: 'cat', score: 0.5 },
          { type: 'label' as const, category: 'cat' },
          { type: 'box' as const, category: 'cat', x: 0, y: 0, width: 1, height: 1 },
        ],
      },
    }
    const view = memoryDatasetView(schema, [item])
    const { folder, losses } = await writeAll(adapter, view, { variant: 'classes' })
    expect([...folder.media]).toEqual(['train/cat/x%2F1.jpg'])
    expect(losses.map(({ what }) => what)).toEqual([
      'field: score',
      'annotation: label',
      'annotation: box',
      'item field: tags',
    ])
  })
})
