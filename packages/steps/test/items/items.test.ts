import { describe, expect, it } from '@jest/globals'
import type { AnnotationDraft } from '@dsv/core'
import { itemsOf, memoryDatasetView } from '../../../formats/test/dataset-view.ts'
import { annotationsOf, boxOf, keysOf, runStep, viewOf } from '../run-step.ts'

const VIEW = viewOf(['car'], {
  'train/a': [boxOf('car'), boxOf('car')],
  'train/b': [],
  'val/a': [boxOf('car')],
})

describe('reindex', () => {
  it('numbers all items in their order', async () => {
    expect(keysOf(await runStep('reindex', VIEW))).toEqual(['train/1', 'train/2', 'val/3'])
    const padded = await runStep('reindex', VIEW, { start: 9, width: 3 })
    expect(keysOf(padded)).toEqual(['train/009', 'train/010', 'val/011'])
    const each = await runStep('reindex', VIEW, { start: 0, 'per-subset': true })
    expect(keysOf(each)).toEqual(['train/0', 'train/1', 'val/0'])
    expect(annotationsOf(padded)).toEqual(annotationsOf({ items: await itemsOf(VIEW) }))
  })

  it.each([{ start: -1 }, { start: 1.5 }, { width: 0 }, { width: 1e9 }, { start: Number.NaN }])(
    'refuses %j',
    async (options) => {
      await expect(runStep('reindex', VIEW, options)).rejects.toMatchObject({
        code: 'DSV_OPTION_INVALID',
      })
    },
  )
})

describe('reindex-annotations', () => {
  it('numbers annotations, which stay the same annotations', async () => {
    const made = await runStep('reindex-annotations', VIEW, { start: 5 })
    const numbers = made.items.flatMap((item) =>
      Object.values(item.layers).flatMap((all) => all.map(({ uid, sourceId }) => [uid, sourceId])),
    )
    expect(numbers).toEqual([
      ['ground_truth-0', 5],
      ['ground_truth-1', 6],
      ['ground_truth-0', 7],
    ])
    const each = await runStep('reindex-annotations', VIEW, { 'per-item': true })
    expect(annotationsOf(each, 'val/a')).toMatchObject([{ sourceId: 1 }])
  })

  it('numbers each layer by itself', async () => {
    const layers = { ground_truth: [boxOf('car')], predictions: [boxOf('car'), boxOf('car')] }
    const view = memoryDatasetView(VIEW.schema, [{ subset: 's', id: 'a', media: [], layers }])
    const made = await runStep('reindex-annotations', view)
    expect(made.items[0]?.layers['predictions']).toMatchObject([{ sourceId: 1 }, { sourceId: 2 }])
  })
})

describe('map-subsets', () => {
  it('renames, swaps and joins subsets', async () => {
    const renamed = await runStep('map-subsets', VIEW, { to: { train: 'tr' } })
    expect(keysOf(renamed)).toEqual(['tr/a', 'tr/b', 'val/a'])
    const swapped = await runStep('map-subsets', VIEW, { to: { train: 'val', val: 'train' } })
    expect(keysOf(swapped)).toEqual(['val/a', 'val/b', 'train/a'])
    const view = viewOf([], { 'train/a': [], 'val/b': [] })
    const joined = await runStep('map-subsets', view, { to: { train: 'all', val: 'all' } })
    expect(keysOf(joined)).toEqual(['all/a', 'all/b'])
  })

  it('names both items that would become one', async () => {
    await expect(runStep('map-subsets', VIEW, { to: { train: 'val' } })).rejects.toMatchObject({
      code: 'DSV_ITEMS_COLLIDE',
      details: { items: ['train/a', 'val/a'] },
    })
  })

  it('knows what is meant by a subset that is not there, and refuses paths', async () => {
    await expect(runStep('map-subsets', VIEW, { to: { trian: 'x' } })).rejects.toMatchObject({
      hint: 'Did you mean train?',
    })
    for (const name of ['', '..', 'a/b'])
      await expect(runStep('map-subsets', VIEW, { to: { train: name } })).rejects.toMatchObject({
        code: 'DSV_OPTION_INVALID',
      })
  })
})

describe('id-from-media-name', () => {
  const named = (paths: Readonly<Record<string, string>>): typeof VIEW =>
    memoryDatasetView(
      VIEW.schema,
      Object.entries(paths).map(([id, path]) => ({
        subset: 'train',
        id,
        media: path === '' ? [] : [{ role: 'primary', kind: 'image' as const, path }],
        layers: {},
      })),
    )

  it('drops folder and extension; an item without media keeps its id', async () => {
    const view = named({ 1: 'x/street.v2.png', 2: '.hidden', 3: '', 4: 'plain' })
    expect(keysOf(await runStep('id-from-media-name', view))).toEqual([
      'train/street.v2',
      'train/.hidden',
      'train/3',
      'train/plain',
    ])
  })

  it('tells of a collision, or numbers those behind the first', async () => {
    const view = named({ 1: 'x/a.png', 2: 'y/a.png', 3: 'z/a.jpg', 4: 'z/a-2.png' })
    await expect(runStep('id-from-media-name', view)).rejects.toMatchObject({
      details: { items: ['train/1', 'train/2'] },
    })
    const made = await runStep('id-from-media-name', view, { 'ensure-unique': true })
    expect(keysOf(made)).toEqual(['train/a', 'train/a-3', 'train/a-4', 'train/a-2'])
  })
})

describe('tag-items', () => {
  it('adds and removes tags where a query matches', async () => {
    const view = viewOf(['car'], { 'train/a': [boxOf('car')], 'val/b': [] }, { tags: ['raw'] })
    const made = await runStep('tag-items', view, {
      where: 'category = "car"',
      add: ['night', 'raw'],
    })
    expect(made.items.map(({ tags }) => tags)).toEqual([['raw', 'night'], ['raw']])
    const bare = await runStep('tag-items', view, { remove: ['raw'] })
    expect(bare.items.every((item) => !('tags' in item))).toBe(true)
  })

  it('wants something to do', async () => {
    await expect(runStep('tag-items', VIEW)).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID' })
  })
})

describe('remove-attributes', () => {
  const draft: AnnotationDraft = { ...boxOf('car'), attributes: { color: 'red', pose: 'left' } }
  const view = viewOf(
    ['car'],
    { 'train/a': [draft, { ...draft, category: 'dog' }] },
    { attributes: { color: 'grey' } },
  )

  it('removes all, those that are named, or those of some', async () => {
    const all = await runStep('remove-attributes', view)
    expect([all.items[0]?.attributes, ...attributesIn(all)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    const named = await runStep('remove-attributes', view, { names: ['color'] })
    expect(attributesIn(named)).toEqual([{ pose: 'left' }, { pose: 'left' }])
    const items = await runStep('remove-attributes', view, { of: 'items' })
    expect([items.items[0]?.attributes, attributesIn(items)[0]]).toEqual([
      undefined,
      draft.attributes,
    ])
    const cars = await runStep('remove-attributes', view, {
      of: 'annotations',
      where: 'category = "car"',
    })
    expect(cars.items[0]?.attributes).toEqual({ color: 'grey' })
    expect(attributesIn(cars)).toEqual([undefined, draft.attributes])
  })
})

function attributesIn(made: Parameters<typeof annotationsOf>[0]): readonly unknown[] {
  return annotationsOf(made).map(({ attributes }) => attributes)
}
