import { describe, expect, it } from '@jest/globals'
import type { AnnotatedItem, AnnotationDraft, DatasetView, Media } from '@dsv/core'
import { toBlobId } from '@dsv/store'
import fc from 'fast-check'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'
import { type MadeOfMany, runMany } from '../run-many.ts'
import { annotationsOf, boxOf, keysOf } from '../run-step.ts'

/** Items by `subset/id`: the hexadecimal digit that their pixels are, and their annotations. */
type Content = Readonly<Record<string, readonly [pixels: string, ...AnnotationDraft[]]>>

function dataset(content: Content, categories: readonly string[] = ['cat', 'dog']): DatasetView {
  return memoryDatasetView(
    { categories: categories.map((name) => ({ key: name, name })), attributes: [], info: {} },
    Object.entries(content).map(([key, [pixels, ...annotations]]) => {
      const [subset = '', id = ''] = key.split('/')
      return { subset, id, media: [image(id, pixels)], layers: { ground_truth: annotations } }
    }),
  )
}

function image(id: string, pixels: string): Media {
  const blob = toBlobId(pixels.repeat(64))
  return { role: 'primary', kind: 'image', path: `images/${id}.png`, blob }
}

/** `subset/id` and path of all items. */
function placesOf({ items }: MadeOfMany): readonly string[] {
  return items.map(({ subset, id, media }) => `${subset}/${id} ${media[0]?.path ?? ''}`)
}

describe('compose', () => {
  it('gives the name of its dataset to an item whose name another one has, and to no other', async () => {
    const made = await runMany('compose', {
      'data/a': dataset({ 'train/1': ['1'], 'train/2': ['2'] }),
      'data/b': dataset({ 'train/1': ['3'], 'val/2': ['4'], 'train/3': ['5'] }),
    })
    // `2` is in two subsets, but its media would be one file.
    expect(placesOf(made)).toEqual([
      'train/a-1 images/a-1.png',
      'train/a-2 images/a-2.png',
      'train/b-1 images/b-1.png',
      'train/3 images/3.png',
      'val/b-2 images/b-2.png',
    ])
  })

  it('does not take a name that an item has already', async () => {
    const made = await runMany('compose', {
      a: dataset({ 'train/1': ['1'], 'train/b-1': ['2'] }),
      b: dataset({ 'train/1': ['3'] }),
    })
    expect(new Set(keysOf(made)).size).toBe(3)
    expect(keysOf(made)).toContain('train/b-1')
  })

  it('can give names to all, numbers to all, or refuse', async () => {
    const views = {
      a: dataset({ 'train/x': ['1'], 'val/y': ['2'] }),
      b: dataset({ 'train/x': ['3'] }),
    }
    expect(keysOf(await runMany('compose', views, { prefix: 'always' }))).toEqual([
      'train/a-x',
      'val/a-y',
      'train/b-x',
    ])
    expect(placesOf(await runMany('compose', views, { number: true }))).toEqual([
      'train/000001 images/000001.png',
      'val/000002 images/000002.png',
      'train/000003 images/000003.png',
    ])
    await expect(runMany('compose', views, { prefix: 'never' })).rejects.toThrow(
      'compose: "a: train/x" and "b: train/x" would both become "train/x"',
    )
  })

  it('makes one item of two with the same media, with what both say', async () => {
    const made = await runMany('compose', {
      a: dataset({ 'train/1': ['1', boxOf('cat'), { ...boxOf('dog', 5), group: 1 }] }),
      b: dataset({ 'val/9': ['1', boxOf('cat'), { ...boxOf('dog', 9), group: 1 }] }),
    })
    expect(keysOf(made)).toEqual(['train/1'])
    expect(annotationsOf(made)).toMatchObject([
      { category: 'cat' },
      { x: 5, group: 1 },
      { x: 9, group: 2 },
    ])
    expect(new Set(annotationsOf(made).map(({ uid }) => uid)).size).toBe(3)
    expect(made.items[0]?.extra?.['compose']).toEqual({
      dataset: 'a',
      subset: 'train',
      id: '1',
      also: [{ dataset: 'b', subset: 'val', id: '9' }],
    })
    expect(made.notes).toEqual([{ what: 'conflict: subset', where: 'train/1' }])
  })

  it('can keep or drop items with the same media', async () => {
    const views = {
      a: dataset({ 'train/1': ['1', boxOf('cat')] }),
      b: dataset({ 'train/1': ['1', boxOf('dog')] }),
    }
    expect(keysOf(await runMany('compose', views, { duplicates: 'keep' }))).toEqual([
      'train/a-1',
      'train/b-1',
    ])
    const dropped = await runMany('compose', views, { duplicates: 'drop' })
    expect(annotationsOf(dropped).map(({ category }) => category)).toEqual(['cat'])
  })

  it('leaves two items of one dataset with the same media alone', async () => {
    const made = await runMany('compose', {
      a: dataset({ 'train/1': ['1'], 'train/2': ['1'] }),
      b: dataset({ 'train/3': ['1'] }),
    })
    expect(keysOf(made)).toEqual(['train/1', 'train/2'])
  })

  it('unites categories by name, and says where datasets disagree', async () => {
    const a = dataset({ 'train/1': ['1', boxOf('cat')] }, ['cat', 'Bus'])
    const b = memoryDatasetView(
      {
        categories: [
          { key: 'cat', name: 'dog', supercategory: 'animal' },
          { key: 'c1', name: 'cat', sourceIds: { coco: 1 }, color: [1, 2, 3] },
          { key: 'bus', name: 'bus' },
        ],
        attributes: [],
        info: {},
      },
      [
        {
          subset: 'train',
          id: '2',
          media: [image('2', '2')],
          layers: { ground_truth: [boxOf('cat'), boxOf('c1')] },
        },
      ],
    )
    const made = await runMany('compose', { a, b })
    expect(made.schema.categories).toEqual([
      { key: 'cat', name: 'cat', sourceIds: { coco: 1 }, color: [1, 2, 3] },
      { key: 'Bus', name: 'Bus' },
      { key: 'cat~2', name: 'dog', supercategory: 'animal' },
      { key: 'bus', name: 'bus' },
    ])
    expect(annotationsOf(made, 'train/2').map(({ category }) => category)).toEqual(['cat~2', 'cat'])
    expect(made.notes).toEqual([{ what: 'conflict: category case', where: 'Bus, bus' }])
  })

  it('refuses what datasets disagree on where that is wanted', async () => {
    const colored = (red: number): DatasetView =>
      memoryDatasetView(
        { categories: [{ key: 'cat', name: 'cat', color: [red, 0, 0] }], attributes: [], info: {} },
        [],
      )
    await expect(
      runMany('compose', { a: colored(1), b: colored(2) }, { conflicts: 'fail' }),
    ).rejects.toMatchObject({ code: 'DSV_DATASETS_CONFLICT' })
    const views = { a: dataset({ 'train/1': ['1'] }), b: dataset({ 'train/1': ['2'] }) }
    await expect(runMany('compose', views, { conflicts: 'fail' })).rejects.toMatchObject({
      code: 'DSV_ITEMS_COLLIDE',
    })
    const alike = await runMany('compose', { a: views.a, b: views.a }, { conflicts: 'fail' })
    expect(keysOf(alike)).toEqual(['train/1'])
  })

  it('keeps tracks of two datasets apart', async () => {
    const tracked = (pixels: string, track: number | string): DatasetView =>
      dataset({ [`train/${pixels}`]: [pixels, { ...boxOf('cat'), track }] })
    const made = await runMany('compose', {
      a: tracked('1', 0),
      b: tracked('2', 0),
      c: tracked('3', 'x'),
      d: tracked('4', 'x'),
    })
    expect(made.items.map(({ layers }) => layers['ground_truth']?.[0]?.track)).toEqual([
      0,
      1,
      'x',
      'd-x',
    ])
  })

  it('can make a subset of each dataset', async () => {
    const made = await runMany(
      'compose',
      {
        a: dataset({ 'train/1': ['1'], 'val/1': ['2'] }),
        b: dataset({ 'train/2': ['3'] }),
      },
      { subsets: 'dataset' },
    )
    expect(new Set(keysOf(made)).size).toBe(3)
    expect(made.items.map(({ subset }) => subset)).toEqual(['a', 'a', 'b'])
  })

  const contents = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom('train', 'val'),
        fc.constantFrom('1', '2', 'a-1'),
        fc.constantFrom('1', '2', '3'),
        fc.array(
          fc.tuple(fc.constantFrom('cat', 'dog'), fc.nat(3)).map(([name, x]) => boxOf(name, x)),
          { maxLength: 2 },
        ),
      ),
      { selector: ([subset, id]) => `${subset}/${id}` },
    )
    .map((items): Content =>
      Object.fromEntries(
        items.map(([subset, id, pixels, boxes]) => [`${subset}/${id}`, [pixels, ...boxes]]),
      ),
    )

  it('gives each part back to a filter by where items came from', async () => {
    await fc.assert(
      fc.asyncProperty(contents, contents, async (a, b) => {
        const made = await runMany(
          'compose',
          { a: dataset(a), b: dataset(b) },
          { duplicates: 'keep' },
        )
        for (const [path, content] of Object.entries({ a, b })) {
          const part = await runMany(
            'filter',
            { made: memoryDatasetView(made.schema, made.items) },
            { where: `item.extra.compose.dataset = "${path}"` },
          )
          const found = part.items.map((item): readonly unknown[] => {
            const origin = item.extra?.['compose']
            const { subset, id } = (origin ?? {}) as { subset?: string; id?: string }
            return [`${subset}/${id}`, item.media[0]?.blob, saidOf(item)]
          })
          const wanted = dataset(content)
          const items: (readonly unknown[])[] = []
          for await (const item of wanted.items())
            items.push([`${item.subset}/${item.id}`, item.media[0]?.blob, saidOf(item)])
          expect(new Set(found.map((each) => JSON.stringify(each)))).toEqual(
            new Set(items.map((each) => JSON.stringify(each))),
          )
        }
      }),
    )
  })

  it('never gives one name twice, and loses no media and no annotation', async () => {
    const rules = fc.record({
      prefix: fc.constantFrom('collisions', 'always'),
      duplicates: fc.constantFrom('merge', 'keep'),
      subsets: fc.constantFrom('keep', 'dataset'),
      number: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(contents, contents, contents, rules, async (a, b, c, options) => {
        const views = { a: dataset(a), 'a-1': dataset(b), c: dataset(c) }
        const made = await runMany('compose', views, options)
        expect(new Set(keysOf(made)).size).toBe(made.items.length)
        const facts = (items: readonly AnnotatedItem[]): Set<string> =>
          new Set(
            items.flatMap((item) => [
              factOf(item, ''),
              ...saidOf(item).map((said) => factOf(item, said)),
            ]),
          )
        const all: AnnotatedItem[] = []
        for (const view of Object.values(views))
          for await (const item of view.items()) all.push(item)
        expect(facts(made.items)).toEqual(facts(all))
      }),
    )
  })
})

function factOf(item: AnnotatedItem, said: string): string {
  return `${item.media[0]?.blob ?? ''} ${said}`
}

/** What is said of an item, without uids. */
function saidOf(item: AnnotatedItem): readonly string[] {
  return (item.layers['ground_truth'] ?? []).map((said) => JSON.stringify({ ...said, uid: '' }))
}
