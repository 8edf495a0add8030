import type { SourceItem } from '@dsv/core'
import { diskFolder, loadAdapter } from '@dsv/formats'
import { toBlobId } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import { readAll, writeAll } from '../adapter-contract.ts'
import { memoryDatasetView } from '../dataset-view.ts'
import { assetPath, comparableItems, factItems, factsOf } from '../facts.ts'
import { memoryFolder, placeholder } from '../memory-folder.ts'

const adapter = await loadAdapter('imagenet-txt')
const IMAGE = placeholder({ width: 4, height: 3 })

describe('reading', () => {
  it('knows spaces with and without quotes, several labels, and none', async () => {
    const folder = memoryFolder([
      ['data/synsets.txt', 'tench, Tinca tinca\n\nhen\n'],
      ['data/train.txt', '"a b".jpg 0 2\nc d.jpg 1\r\n\ndeep/e.jpg\n'],
      ['data/images/a b.jpg', IMAGE],
      ['data/images/deep/e.jpg', IMAGE],
      ['data/README.txt', 'hello'],
    ])
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['tench, Tinca tinca', '1', 'hen'])
    expect(items).toMatchObject([
      { subset: 'train', id: 'a b', media: [{ path: 'data/images/a b.jpg', width: 4, height: 3 }] },
      { id: 'c d', media: [{ path: 'data/images/c d.jpg' }] },
      { id: 'deep/e', layers: { ground_truth: [] } },
    ])
    expect(items[0]?.layers['ground_truth']).toHaveLength(2)
  })

  it('makes up classes where they have no names', async () => {
    const folder = memoryFolder([['val.txt', 'a.jpg 2\n']])
    expect((await adapter.detect(folder)).confidence).toBeLessThan(0.5)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(['class-0', 'class-1', 'class-2'])
    expect(items).toMatchObject([{ layers: { ground_truth: [{ category: 'class-2' }] } }])
  })

  it.each([
    ['a.jpg 1\n', /line 1 has the class 1, which has no name/],
    ['a.jpg 0\nb.jpg -1\n', /line 2 has the class -1, which has no name/],
    ['a.jpg 0\na.jpg 0\na.jpg 0\n', /line 3 names a\.jpg again/],
  ])('names the line that is wrong: %#', async (text, message) => {
    const folder = memoryFolder([
      ['synsets.txt', 'cat\n'],
      ['train.txt', text],
    ])
    await expect(readAll(adapter, folder)).rejects.toMatchObject({
      code: 'DSV_FORMAT_SYNTAX',
      message: expect.stringMatching(message),
    })
  })

  it('never leaves the folder', async () => {
    const folder = memoryFolder([
      ['synsets.txt', 'cat\n'],
      ['train.txt', '../../etc/passwd.jpg 0\n/etc/b.jpg 0\n'],
    ])
    const { items } = await readAll(adapter, folder)
    expect(items.map(({ media }) => media[0]?.path)).toEqual([
      'images/etc/passwd.jpg',
      'images/etc/b.jpg',
    ])
  })
})

describe('writing', () => {
  it('does not put one image over another that has its name in another subset', async () => {
    const item = (subset: string): SourceItem => ({
      subset,
      id: '1',
      media: [{ role: 'primary', path: `${subset}/1.png`, kind: 'image' }],
      layers: {},
    })
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [
      item('a'),
      item('b'),
    ])
    const withBlobs = {
      ...view,
      async *items(subset?: string) {
        for await (const each of view.items(subset)) {
          const blob = toBlobId((each.subset === 'a' ? '1' : '2').repeat(64))
          yield { ...each, media: each.media.map((medium) => ({ ...medium, blob })) }
        }
      },
    }
    const { folder, losses } = await writeAll(adapter, withBlobs)
    expect([...folder.media]).toEqual(['images/1.png', 'images/b/1.png'])
    expect(losses).toEqual([{ what: 'item', where: 'b/1: it becomes b/1' }])
  })
})

describe('what Datumaro reads', () => {
  const facts = factsOf('imagenet_txt')
  if (facts.length === 0) {
    it('cannot be compared: its samples are not at hand', () => expect(facts).toEqual([]))
    return
  }
  it.each(facts)('%s', async (asset, fact) => {
    const folder = diskFolder(assetPath(asset))
    expect((await adapter.detect(folder)).confidence).toBeGreaterThan(0.8)
    const { schema, items } = await readAll(adapter, folder)
    expect(schema.categories.map(({ name }) => name)).toEqual(
      fact.categories.label?.map(({ name }) => name),
    )
    const sized = fact.items.map(({ media, ...item }) => ({
      ...item,
      // A missing image has no size.
      media: { size_hw: (media?.size_hw as readonly number[] | null) ?? [undefined, undefined] },
    }))
    expect(comparableItems(items, schema.categories)).toEqual(
      factItems({ ...fact, items: sized as unknown as typeof fact.items }),
    )
  })
})
