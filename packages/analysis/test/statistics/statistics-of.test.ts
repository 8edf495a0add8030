import {
  type AnnotationDraft,
  type Category,
  type DatasetView,
  maskGeometry,
  type SourceItem,
} from '@dsv/core'
import { type Statistics, type StatisticsOptions, statisticsOf } from '@dsv/analysis'
import { hashBlob, toBlobId } from '@dsv/store'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'

const CATEGORIES: readonly Category[] = [
  { key: 'car', name: 'Car' },
  { key: 'dog', name: 'Dog' },
  { key: 'man', name: 'Man', skeleton: { points: ['head', 'foot'], edges: [] } },
]

/** What an item of a test says: its annotations in `ground_truth`, other layers, its media. */
interface Given extends Partial<Omit<SourceItem, 'layers'>> {
  readonly drafts?: readonly AnnotationDraft[]
  readonly layers?: SourceItem['layers']
}

function viewOf(items: Readonly<Record<string, Given>>): DatasetView {
  const schema = { categories: CATEGORIES, attributes: [], info: {} }
  return memoryDatasetView(
    schema,
    Object.entries(items).map(([key, { drafts = [], layers, ...rest }]) => {
      const [subset = '', id = ''] = key.split('/')
      return { media: [], ...rest, subset, id, layers: { ground_truth: drafts, ...layers } }
    }),
  )
}

async function statistics(
  items: Readonly<Record<string, Given>>,
  options?: StatisticsOptions,
): Promise<Statistics> {
  return statisticsOf([{ path: 'data', view: viewOf(items) }], options)
}

function box(category: string | undefined, width: number, height: number): AnnotationDraft {
  return { type: 'box', x: 0, y: 0, width, height, ...(category !== undefined && { category }) }
}

/** An image of given bytes; the name of an item tells them apart. */
function image(bytes: string, width = 20, height = 10): Pick<SourceItem, 'media'> {
  const blob = hashBlob(Buffer.from(bytes))
  const path = `${bytes}.png`
  const media = { role: 'primary', kind: 'image', path, width, height, blob } as const
  return { media: [media] }
}

describe('statisticsOf', () => {
  it('counts items, annotations, types and categories, those without any too', async () => {
    const { items, annotations } = await statistics({
      'train/a': {
        drafts: [box('car', 2, 3), box('car', 4, 4), { type: 'label', category: 'dog' }],
      },
      'train/b': {},
      'val/c': { drafts: [box(undefined, 1, 1)] },
    })
    expect(items).toMatchObject({
      count: 3,
      annotated: 2,
      unannotated: { count: 1, items: [{ dataset: 'data', subset: 'train', id: 'b' }] },
    })
    expect(annotations).toMatchObject({
      count: 4,
      uncategorised: 1,
      byType: [
        { type: 'box', count: 3 },
        { type: 'label', count: 1 },
      ],
    })
    expect(annotations.categories).toMatchObject([
      { name: 'Car', count: 2, share: 2 / 3, items: 1, area: 22, areaShare: 1 },
      { name: 'Dog', count: 1, share: 1 / 3, items: 1, area: 0, areaShare: 0 },
      { name: 'Man', count: 0, share: 0, items: 0 },
    ])
    expect(annotations.perItem).toMatchObject({ mean: 4 / 3, min: 0, max: 3 })
    expect(annotations.objectsPerItem).toMatchObject({ mean: 1, min: 0, max: 2 })
  })

  it('divides areas as COCO does, and takes the area that a source states', async () => {
    const { annotations } = await statistics({
      'train/a': {
        drafts: [
          box('car', 31, 33),
          box('car', 32, 32),
          box('dog', 96, 96),
          { ...box('dog', 500, 500), area: 7 },
          { ...box('dog', 2, 2), area: NaN },
        ],
      },
    })
    expect(annotations.sizeClasses).toEqual({ small: 3, medium: 1, large: 1 })
    expect(annotations.categories.find(({ name }) => name === 'Dog')).toMatchObject({
      small: 2,
      medium: 0,
      large: 1,
      area: 9216 + 7 + 4,
    })
  })

  it('measures masks by their runs', async () => {
    const mask = maskGeometry({ width: 5, height: 10, counts: [0, 20, 30] })
    const { annotations } = await statistics({ 'train/a': { drafts: [mask] } })
    expect(annotations.areas).toMatchObject({ count: 1, mean: 20 })
  })

  it('finds images that are the same byte for byte, over subsets and datasets', async () => {
    const view = viewOf({ 'train/a': image('one'), 'train/b': image('two'), 'val/c': image('one') })
    const other = viewOf({ 'train/x': image('one'), 'train/y': { media: [] } })
    const found = await statisticsOf([
      { path: 'data', view },
      { path: 'more', view: other },
    ])
    const { count, unique, repeated, groups } = found.images
    expect({ count, unique, repeated }).toEqual({ count: 4, unique: 2, repeated: 1 })
    expect(groups).toMatchObject([
      {
        blob: hashBlob(Buffer.from('one')),
        count: 3,
        items: [
          { dataset: 'data', subset: 'train', id: 'a' },
          { dataset: 'data', subset: 'val', id: 'c' },
          { dataset: 'more', subset: 'train', id: 'x' },
        ],
      },
    ])
    expect(found.datasets).toMatchObject([
      { path: 'data', items: 3 },
      { path: 'more', items: 2 },
    ])
  })

  it('does not take images for the same whose ids only begin alike', async () => {
    const [begin, one, two] = ['ab'.repeat(8), '1'.repeat(48), '2'.repeat(48)]
    const withBlob = (rest: string): Given => ({
      media: image('x').media.map((media) => ({ ...media, blob: toBlobId(begin + rest) })),
    })
    const { images } = await statistics({ 'a/1': withBlob(one), 'a/2': withBlob(two) })
    expect(images).toMatchObject({ count: 2, unique: 2, repeated: 0, groups: [] })
  })

  it('takes two frames of a video for two images, one frame twice for one', async () => {
    const frame = (index: number): Given => ({
      media: [
        {
          ...image('film').media[0],
          role: 'primary',
          kind: 'image',
          path: 'film.mp4',
          frame: { index },
        },
      ],
    })
    const { images } = await statistics({ 'v/a': frame(0), 'v/b': frame(1), 'v/c': frame(1) })
    expect(images).toMatchObject({ count: 3, unique: 2, repeated: 1 })
    expect(images.groups).toMatchObject([{ frame: 1, count: 2 }])
  })

  it('describes sizes of images as they are stored', async () => {
    const { images } = await statistics({
      'train/a': image('one', 40, 20),
      'train/b': image('two', 40, 20),
      'train/c': image('three', 10, 20),
      'train/d': { media: [{ role: 'primary', kind: 'image', path: 'd.png' }] },
    })
    expect(images.sizes.values).toMatchObject([
      { value: '40×20', count: 2 },
      { value: '10×20', count: 1 },
    ])
    expect(images.aspect).toMatchObject({ min: 0.5, max: 2 })
    expect(images.unknownSize).toBe(1)
  })

  it('counts pairs of categories on one item once, whatever their order', async () => {
    const { annotations } = await statistics({
      'train/a': { drafts: [box('dog', 1, 1), box('car', 1, 1), box('car', 1, 1)] },
      'train/b': { drafts: [box('car', 1, 1), box('dog', 1, 1)] },
      'train/c': { drafts: [box('car', 1, 1)] },
    })
    expect(annotations.coOccurrence).toEqual({
      pairs: [{ a: 'Car', b: 'Dog', items: 2 }],
      distinct: 1,
      skippedItems: 0,
    })
  })

  it('passes over the pairs of an item that has hundreds of categories, and says so', async () => {
    const many = Array.from({ length: 501 }, (_, index) => box(`c${index}`, 1, 1))
    const { annotations } = await statistics({
      'train/a': { drafts: many },
      'train/b': { drafts: [box('car', 1, 1), box('dog', 1, 1)] },
    })
    expect(annotations.coOccurrence).toMatchObject({ distinct: 1, skippedItems: 1 })
  })

  it('says how subsets differ', async () => {
    const { subsets, divergences } = await statistics({
      'test/a': { drafts: [box('car', 1, 1)] },
      'train/b': { drafts: [box('dog', 1, 1)] },
      'val/c': {},
    })
    expect(subsets).toMatchObject([
      { subset: 'test', items: 1, annotations: 1, categories: [{ name: 'Car', share: 1 }] },
      { subset: 'train', divergence: expect.closeTo(0.3113, 4) },
      { subset: 'val', unannotated: 1, divergence: null },
    ])
    expect(divergences).toMatchObject([
      { a: 'test', b: 'train', divergence: 1 },
      { a: 'test', b: 'val', divergence: null },
      { a: 'train', b: 'val', divergence: null },
    ])
  })

  it('counts keypoints, captions, tracks and scores', async () => {
    const points = (visibility: readonly number[]): AnnotationDraft => ({
      type: 'points',
      category: 'man',
      points: visibility.flatMap(() => [1, 1]),
      visibility,
    })
    const { annotations } = await statistics({
      'train/a': {
        drafts: [points([2, 1]), points([2, 0]), { type: 'caption', text: ' two  words ' }],
      },
      'train/b': { drafts: [{ ...box('car', 1, 1), track: 7, score: 0.5 }] },
      'train/c': {
        drafts: [
          { ...box('car', 1, 1), track: 7 },
          { ...box('car', 1, 1), track: '7' },
        ],
      },
      'val/d': { drafts: [{ ...box('car', 1, 1), track: 7 }] },
    })
    expect(annotations.keypoints).toEqual([
      {
        category: 'Man',
        points: [
          { name: 'head', absent: 0, hidden: 0, visible: 2 },
          { name: 'foot', absent: 1, hidden: 1, visible: 0 },
        ],
      },
    ])
    expect(annotations.captions).toMatchObject({
      count: 1,
      words: { mean: 2 },
      characters: { mean: 12 },
    })
    expect(annotations.tracks).toMatchObject({ count: 3, lengths: { max: 2 } })
    expect(annotations.scores).toMatchObject({ count: 1, mean: 0.5 })
  })

  it('keeps names apart that are special to JavaScript', async () => {
    const attributes: Record<string, string> = { constructor: 'x' }
    Object.defineProperty(attributes, '__proto__', { value: 'y', enumerable: true })
    const { annotations } = await statistics({
      'train/a': { drafts: [{ ...box('__proto__', 1, 1), attributes }] },
    })
    expect(annotations.categories[0]).toMatchObject({ name: '__proto__', count: 1 })
    expect(annotations.attributes.map(({ name }) => name)).toEqual(['__proto__', 'constructor'])
  })

  it('keeps a thousand values of an attribute, and counts the rest', async () => {
    const drafts = Array.from({ length: 1500 }, (_, index) => ({
      ...box('car', 1, 1),
      attributes: { id: `n${index}`, size: index, kind: 'a' },
    }))
    const { annotations } = await statistics({ 'train/a': { drafts } })
    const [id, kind, size] = annotations.attributes
    expect(id?.values).toHaveLength(1000)
    expect(id).toMatchObject({ name: 'id', count: 1500, distinct: 1000, others: 500 })
    expect(kind).toMatchObject({ distinct: 1, values: [{ value: 'a', count: 1500, share: 1 }] })
    expect(size?.numbers).toMatchObject({ count: 1500, min: 0, max: 1499, mean: 749.5 })
  })

  it('counts only the layers asked for, but lists all', async () => {
    const items = {
      'train/a': {
        drafts: [box('car', 1, 1)],
        layers: { 'predictions/x': [{ uid: '1', ...box('dog', 1, 1) }] },
      },
    }
    const usual = await statistics(items)
    expect(usual.annotations.count).toBe(1)
    expect(usual.annotations.byLayer).toEqual([
      { layer: 'ground_truth', items: 1, annotations: 1 },
      { layer: 'predictions/x', items: 1, annotations: 1 },
    ])
    const all = await statistics(items, { layers: ['all'] })
    expect([all.annotations.count, all.layers]).toEqual([2, ['ground_truth', 'predictions/x']])
    const one = await statistics(items, { layers: ['predictions/x'] })
    expect(one.annotations.categories[0]).toMatchObject({ name: 'Dog', count: 1 })
  })

  it('counts what a query and a subset leave', async () => {
    const items = {
      'train/a': { drafts: [box('car', 1, 1), box('dog', 9, 9)] },
      'train/b': { drafts: [box('dog', 1, 1)] },
      'val/c': { drafts: [box('car', 9, 9)] },
    }
    const cars = await statistics(items, { where: 'category = "Car"' })
    expect([cars.items.count, cars.annotations.count]).toEqual([2, 2])
    const both = await statistics(items, { where: 'exists(category = "Car")', subset: 'train' })
    expect([both.items.count, both.annotations.count]).toEqual([1, 2])
    const none = await statistics(items, { where: 'subset = "val"', subset: 'train' })
    expect(none.items.count).toBe(0)
  })

  it('counts queries and the values of expressions', async () => {
    const warnings: string[] = []
    const { custom } = await statistics(
      {
        'train/a': { drafts: [box('car', 1, 1), box('car', 2, 1)] },
        'train/b': { drafts: [box('car', 2, 1)] },
      },
      {
        counts: { many: 'count() > 1', flat: 'width > height', cats: 'category = "Cat"' },
        groups: ['width / height', 'count()'],
        onWarning: (warning) => warnings.push(warning),
      },
    )
    expect(custom.counts).toMatchObject([
      { name: 'many', items: 1, annotations: 2 },
      { name: 'flat', items: 2, annotations: 2 },
      { name: 'cats', items: 0, annotations: 0 },
    ])
    expect(custom.groups).toMatchObject([
      {
        about: 'annotation',
        values: [
          { value: 2, count: 2 },
          { value: 1, count: 1 },
        ],
      },
      {
        about: 'item',
        values: [
          { value: 1, count: 1 },
          { value: 2, count: 1 },
        ],
      },
    ])
    expect(warnings).toEqual([expect.stringContaining('no category "Cat"')])
  })

  it('is a plain value of JSON whose sums agree, whatever annotations say', async () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: 0, max: 200 }))
    const draft = fc.record({
      type: fc.constant('box' as const),
      x: number,
      y: number,
      width: number,
      height: number,
      category: fc.constantFrom('car', 'dog', 'unknown', '__proto__'),
      score: number,
      area: number,
      track: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.string()),
      attributes: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
    })
    const items = fc.dictionary(
      fc.constantFrom('a/1', 'a/2', 'b/1', 'b/2'),
      fc.record({ drafts: fc.array(draft, { maxLength: 4 }) }),
    )
    await fc.assert(
      fc.asyncProperty(items, async (given) => {
        const found = await statistics(given)
        expect(JSON.parse(JSON.stringify(found))).toEqual(found)
        const { count, categories, byType, sizeClasses, areas } = found.annotations
        const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0)
        expect(sum(categories.map((each) => each.count))).toBe(count)
        expect(sum(byType.map((each) => each.count))).toBe(count)
        expect(sum(found.subsets.map((each) => each.annotations))).toBe(count)
        expect(sum(found.subsets.map((each) => each.items))).toBe(found.items.count)
        expect(sum(Object.values(sizeClasses))).toBe(areas?.count ?? 0)
      }),
      { numRuns: 40 },
    )
  })

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(statistics({ 'train/a': {} }, { signal })).rejects.toThrow('stopped')
  })
})
