import { checkDataset } from '@dsv/analysis'
import type { AnnotationDraft, Schema, SourceItem } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { memoryView } from './memory-view.ts'

const schema: Schema = {
  categories: [
    { key: 'car', name: 'car', attributes: [{ name: 'color', type: 'string', default: 'red' }] },
    { key: 'van', name: 'van' },
  ],
  attributes: [],
  info: {},
}

function itemOf(id: number, annotations: readonly AnnotationDraft[]): SourceItem {
  const media = [{ role: 'primary', path: `${id}.png`, kind: 'image' as const }]
  return {
    subset: 'train',
    id: String(id).padStart(3, '0'),
    media,
    layers: { ground_truth: annotations },
  }
}

function car(width: number, height: number, color = 'red'): AnnotationDraft {
  return { type: 'box', category: 'car', x: 0, y: 0, width, height, attributes: { color } }
}

async function found(
  items: readonly SourceItem[],
  only: string,
  parameters = {},
): Promise<readonly string[]> {
  const { findings } = await checkDataset(memoryView(schema, items), {
    only: [only],
    ...(Object.keys(parameters).length > 0 && { parameters: { [only]: parameters } }),
  })
  return findings.map(({ id = '', message }) => `${id} ${message}`.trim())
}

// 40 boxes 10 wide and 9 to 11 high, and one that is 500 high.
const cars = [
  ...Array.from({ length: 40 }, (_, at) => itemOf(at, [car(10, 9 + (at % 3))])),
  itemOf(40, [car(10, 500)]),
]

describe('checks of sizes', () => {
  it('find what is far from the mean, by each measure', async () => {
    const outliers = await found(cars, 'size-outlier')
    expect(outliers).toContain('040 box "car" has height 500; the mean of "car" is 21.93')
    expect(outliers.every((each) => each.startsWith('040 '))).toBe(true)
    expect(await found(cars, 'size-outlier', { deviations: 7 })).toEqual([])
  })

  it('find sizes of which nearly all are alike, once there are enough of them', async () => {
    expect(await found(cars, 'sizes-imbalanced')).toContain(
      '100 % of "car" have nearly the same width',
    )
    expect(await found(cars.slice(0, 9), 'sizes-imbalanced')).toEqual([])
    const spread = Array.from({ length: 40 }, (_, at) => itemOf(at, [car(10 + at, 300 - at)]))
    expect(await found(spread, 'sizes-imbalanced')).toEqual([])
  })

  it('look at values of attributes by themselves', async () => {
    const blue = Array.from({ length: 40 }, (_, at) =>
      itemOf(100 + at, [car(500 + (at % 7), 500, 'blue')]),
    )
    const mixed = [...cars.slice(0, 40), ...blue, itemOf(300, [car(500, 500)])]
    expect(await found(mixed, 'size-outlier')).toEqual([])
    expect(await found(mixed, 'size-outlier-by-value')).toContain(
      '300 box "car" has width 500; the mean of "car" with "color" = "red" is 21.95',
    )
  })
})

describe('checks of counts', () => {
  it('find rare and missing categories and values', async () => {
    const items = [
      ...cars,
      itemOf(50, [{ type: 'label', category: 'van' }]),
      itemOf(51, [car(1, 1, 'blue')]),
    ]
    expect(await found(items, 'few-samples')).toEqual(['"van" occurs once'])
    expect(await found(items, 'few-samples-of-value')).toEqual([
      '"color" of "car" is "\\"blue\\"" in 1 only',
    ])
    expect(await found(items, 'categories-imbalanced')).toEqual([])
    expect(await found(items, 'categories-imbalanced', { ratio: 42 })).toHaveLength(1)
    expect(await found(cars, 'only-one-category')).toEqual(['All annotations are "car"'])
    expect(await found(cars, 'attribute-constant')).toHaveLength(1)
  })
})

describe('checks of tables', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 900].map((price, at) =>
    itemOf(at, [
      { type: 'tabular', values: { price, city: at === 3 ? 'Rome' : 'Oslo', note: null } },
    ]),
  )

  it('find numbers beyond the quartiles, rare texts, and cells without a value', async () => {
    // Quartiles of 1…10, 900 are 3.5 and 8.5: the fences are at −4 and 16.
    expect(await found(rows, 'number-beyond-quartiles')).toEqual([
      '010 "price" is 900, usual is -4 to 16',
    ])
    expect(await found(rows, 'number-outlier', { deviations: 3 })).toHaveLength(1)
    expect(await found(rows, 'numbers-imbalanced')).toHaveLength(1)
    expect(await found(rows, 'few-samples-of-text')).toEqual(['"city" is "Rome" in 1 only'])
    expect(await found(rows, 'texts-imbalanced', { ratio: 10 })).toHaveLength(1)
    expect(await found(rows, 'text-broken')).toHaveLength(11)
  })

  it.each(['a  b', '<b>x</b>', 'see https://a', 'the the cat', ' x'])(
    'find redundancy in %j',
    async (text) => {
      expect(await found([itemOf(0, [{ type: 'caption', text }])], 'text-redundant')).toHaveLength(
        1,
      )
      expect(
        await found(
          [itemOf(0, [{ type: 'caption', text: 'a < b, or the cat' }])],
          'text-redundant',
        ),
      ).toEqual([])
    },
  )
})
