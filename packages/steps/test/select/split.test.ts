import type { AnnotatedItem, AnnotationDraft, DatasetView } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'
import { boxOf, keysOf, type Made, runStep, viewOf } from '../run-step.ts'

const label = (category: string): AnnotationDraft => ({ type: 'label', category })

/** Items `default/<id>` with annotations. */
function numbered(
  count: number,
  draftsOf: (index: number) => readonly AnnotationDraft[],
): Record<string, readonly AnnotationDraft[]> {
  const items: Record<string, readonly AnnotationDraft[]> = {}
  for (let index = 0; index < count; index++)
    items[`default/${String(index).padStart(5, '0')}`] = draftsOf(index)
  return items
}

/** How many items of each subset `isCounted`, by name. */
function sizesOf(
  { items }: Pick<Made, 'items'>,
  count: (item: AnnotatedItem) => number = () => 1,
): Record<string, number> {
  const sizes: Record<string, number> = {}
  for (const item of items) sizes[item.subset] = (sizes[item.subset] ?? 0) + count(item)
  return sizes
}

function countOf(category: string): (item: AnnotatedItem) => number {
  return ({ layers }) =>
    (layers['ground_truth'] ?? []).filter((each) => each.category === category).length
}

/** The subset of each item by id. */
function subsetsOf({ items }: Pick<Made, 'items'>): Map<string, string> {
  return new Map(items.map(({ subset, id }) => [id, subset]))
}

const HALVES = { train: '0.5', val: '0.25', test: '0.25' }

describe('split', () => {
  it('gives each subset its share to the item, the same every time', async () => {
    const view = viewOf(
      [],
      numbered(101, () => []),
    )
    const made = await runStep('split', view, { ratio: { train: '0.7', val: '0.2', test: '0.1' } })
    expect(sizesOf(made)).toEqual({ train: 71, val: 20, test: 10 })
    const again = await runStep('split', view, { ratio: { train: '0.7', val: '0.2', test: '0.1' } })
    expect(keysOf(again)).toEqual(keysOf(made))
    const other = await runStep('split', view, {
      ratio: { train: '.7', val: '.2', test: '.1' },
      seed: 1,
    })
    expect(sizesOf(other)).toEqual(sizesOf(made))
    expect(keysOf(other)).not.toEqual(keysOf(made))
  })

  it('takes numbers of items, and * for the rest', async () => {
    const view = viewOf(
      [],
      numbered(10, () => []),
    )
    const sizes = async (ratio: object): Promise<object> =>
      sizesOf(await runStep('split', view, { ratio }))
    expect(await sizes({ train: '*', val: '3' })).toEqual({ train: 7, val: 3 })
    expect(await sizes({ train: '6', val: '4' })).toEqual({ train: 6, val: 4 })
    expect(await sizes({ train: '0.33', val: '0.33', test: '0.33' })).toEqual({
      train: 4,
      val: 3,
      test: 3,
    })
    expect(await sizes({ train: '0.8', val: '*' })).toEqual({ train: 8, val: 2 })
  })

  it.each([
    [{ ratio: { train: '0.5', val: '0.3' } }],
    [{ ratio: { train: '5', val: '3' } }],
    [{ ratio: { train: '11', val: '*' } }],
    [{ ratio: { train: '*', val: '*' } }],
    [{ ratio: { train: 'NaN', val: '1' } }],
    [{ ratio: { train: '-1', val: '2' } }],
    [{ ratio: { train: '0', val: '1' } }],
    [{ ratio: { '../train': '1' } }],
    [{ ratio: {} }],
    [{ ratio: { train: '1' }, seed: 0.5 }],
    [{ ratio: { train: '1' }, 'group-by': ['attribute'] }],
    [{ ratio: { train: '1' }, 'group-by': ['colour'] }],
    [{ ratio: { train: '1' }, 'group-by': ['near-duplicates'], distance: 16 }],
    [{ ratio: { train: '1' }, query: { train: '0.5' } }],
    [{ ratio: { train: '1' }, 'group-by': ['tag'], query: { val: '0.5' } }],
    [{ ratio: { train: '1' }, from: ['nowhere'] }],
  ])('refuses %j', async (options) => {
    const view = viewOf(
      [],
      numbered(10, () => []),
    )
    await expect(runStep('split', view, options)).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })

  it('rounds fairly: six of each class at 1/2, 1/4, 1/4 give 3 and 1 or 2', async () => {
    const view = viewOf(
      ['a', 'b', 'c', 'd'],
      numbered(24, (index) => [label('abcd'.charAt(index % 4))]),
    )
    const made = await runStep('split', view, { ratio: HALVES, stratify: 'classification' })
    expect(sizesOf(made)).toEqual({ train: 12, val: 6, test: 6 })
    for (const category of 'abcd') {
      const { train, val = 0, test = 0 } = sizesOf(made, countOf(category))
      expect([train, Math.min(val, test), Math.max(val, test)]).toEqual([3, 1, 2])
    }
  })

  it('spreads items without labels too', async () => {
    const view = viewOf(
      ['a', 'b'],
      numbered(30, (index) => (index < 10 ? [] : [label(index < 20 ? 'a' : 'b')])),
    )
    const made = await runStep('split', view, { ratio: HALVES, stratify: 'classification' })
    expect(sizesOf(made)).toEqual({ train: 15, val: 8, test: 7 })
    const unlabelled = sizesOf(made, ({ layers }) => (layers['ground_truth']?.length === 0 ? 1 : 0))
    expect(unlabelled['train']).toBe(5)
    expect(Math.abs((unlabelled['val'] ?? 0) - (unlabelled['test'] ?? 0))).toBeLessThanOrEqual(1)
  })

  it('gives each subset its share of every category of an item with many', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`)
    const view = viewOf(
      names,
      numbered(600, (index) =>
        names.flatMap((name, rank) =>
          (index * 7919 + rank * 104729) % (6 + 5 * rank) === 0
            ? Array.from({ length: 1 + ((index + rank) % 3) }, () => boxOf(name))
            : [],
        ),
      ),
    )
    const made = await runStep('split', view, { ratio: HALVES, stratify: 'detection' })
    const { train = 0 } = sizesOf(made)
    expect(Math.abs(train - 300)).toBeLessThanOrEqual(12)
    for (const name of names) {
      const counts = sizesOf(made, countOf(name))
      const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
      // An item has at most three boxes of a category.
      expect(Math.abs((counts['train'] ?? 0) - all / 2)).toBeLessThanOrEqual(3)
      expect(Math.abs((counts['val'] ?? 0) - all / 4)).toBeLessThanOrEqual(3)
    }
  })

  it('keeps groups together, and the shares as good as groups allow', async () => {
    const patients = fc.array(fc.nat(8), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(patients, fc.nat(3), async (owners, seed) => {
        const view = memoryDatasetView(
          { categories: [], attributes: [], info: {} },
          owners.map((patient, index) => ({
            subset: 'default',
            id: `${index}`,
            media: [],
            attributes: { patient },
            layers: {},
          })),
        )
        const options = { ratio: { train: '0.6', val: '0.4' }, 'group-by': ['attribute:patient'] }
        const made = await runStep('split', view, { ...options, seed })
        const places = new Set(
          made.items.map(
            ({ subset, attributes }) => `${String(attributes?.['patient'])} ${subset}`,
          ),
        )
        expect(places.size).toBe(new Set(owners).size)
        expect(made.items).toHaveLength(owners.length)
        const largest = Math.max(...owners.map((own) => owners.filter((o) => o === own).length))
        const { train = 0 } = sizesOf(made)
        expect(Math.abs(train - 0.6 * owners.length)).toBeLessThanOrEqual(largest + 1)
      }),
      { numRuns: 50 },
    )
  })

  it('groups by tags, folders, tracks and labels', async () => {
    const item = (id: string, changes: Partial<AnnotatedItem> = {}): AnnotatedItem => ({
      subset: 'default',
      id,
      media: [],
      layers: {},
      ...changes,
    })
    const boxes = (track: number): AnnotatedItem['layers'] => ({
      ground_truth: [{ ...boxOf('car'), uid: 'u', track }],
    })
    const view = memoryDatasetView({ categories: [], attributes: [], info: {} }, [
      item('a/1', { tags: ['session-1', 'rain'], layers: boxes(1) }),
      item('a/2', { tags: ['session-2'], layers: boxes(1) }),
      item('a/3', { tags: ['session-1'], layers: boxes(2) }),
      item('b/1', { tags: ['rain'], layers: boxes(1) }),
      ...['c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'].map((folder) => item(`${folder}/1`)),
    ])
    const together = async (rule: string): Promise<string[]> => {
      const seen = new Set<string>()
      for (let seed = 0; seed < 30; seed++) {
        const options = { ratio: { x: '0.5', y: '0.5' }, 'group-by': [rule], seed }
        const of = subsetsOf(await runStep('split', view, options))
        for (const a of of.keys())
          for (const b of of.keys()) if (a < b && of.get(a) !== of.get(b)) seen.add(`${a} ${b}`)
      }
      const pairs = ['a/1 a/2', 'a/1 a/3', 'a/1 b/1', 'a/2 a/3', 'a/2 b/1', 'a/3 b/1']
      return pairs.filter((pair) => !seen.has(pair))
    }
    expect(await together('tag:session-')).toEqual(['a/1 a/3'])
    expect(await together('tag')).toEqual(['a/1 a/3', 'a/1 b/1', 'a/3 b/1'])
    expect(await together('folder')).toEqual(['a/1 a/2', 'a/1 a/3', 'a/2 a/3'])
    expect(await together('track')).toEqual(['a/1 a/2'])
  })

  it('splits what it has split to the same', async () => {
    const pools = fc.array(fc.subarray(['a', 'b', 'c']), { minLength: 1, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(pools, async (labels) => {
        const view = viewOf(
          ['a', 'b', 'c'],
          numbered(labels.length, (index) => (labels[index] ?? []).map((name) => boxOf(name))),
        )
        const options = { ratio: HALVES, stratify: 'any' }
        const once = await runStep('split', view, options)
        const twice = await runStep('split', memoryDatasetView(once.schema, once.items), options)
        expect(subsetsOf(twice)).toEqual(subsetsOf(once))
        const kept = { ...options, 'keep-assigned': true }
        const third = await runStep('split', memoryDatasetView(once.schema, once.items), kept)
        expect(subsetsOf(third)).toEqual(subsetsOf(once))
      }),
      { numRuns: 50 },
    )
  })

  it('leaves other subsets alone, and what is assigned where it is', async () => {
    const view = viewOf([], { 'test/z': [], ...numbered(10, () => []) })
    const made = await runStep('split', view, {
      ratio: { train: '0.8', val: '0.2' },
      from: ['default'],
    })
    expect(sizesOf(made)).toEqual({ test: 1, train: 8, val: 2 })
    const more = memoryDatasetView(made.schema, [
      ...made.items,
      ...['x1', 'x2', 'x3', 'x4', 'x5'].map((id) => ({ ...made.items[0], subset: 'new', id })),
    ] as AnnotatedItem[])
    const kept = await runStep('split', more, {
      ratio: { train: '0.6', val: '0.4' },
      from: ['train', 'val', 'new'],
      'keep-assigned': true,
    })
    expect(sizesOf(kept)).toEqual({ test: 1, train: 9, val: 6 })
    const after = subsetsOf(kept)
    for (const { id, subset } of made.items) expect(after.get(id)).toBe(subset)
  })

  it('makes query and gallery of which the identities are not in train', async () => {
    const view = memoryDatasetView(
      { categories: [], attributes: [], info: {} },
      Array.from({ length: 40 }, (_, index) => ({
        subset: 'default',
        id: `${index}`,
        media: [],
        attributes: { person: index % 8 },
        layers: {},
      })),
    )
    const made = await runStep('split', view, {
      ratio: { train: '0.5', test: '0.5' },
      'group-by': ['attribute:person'],
      query: { test: '0.4' },
    })
    expect(sizesOf(made)).toEqual({ train: 20, 'test-query': 8, 'test-gallery': 12 })
    const people = (subset: string): Set<unknown> =>
      new Set(
        made.items.flatMap((item) => (item.subset === subset ? item.attributes?.['person'] : [])),
      )
    expect(people('test-query')).toEqual(people('test-gallery'))
    for (const person of people('train')) expect(people('test-query').has(person)).toBe(false)
  })

  it('says which items of several subsets would become one, and what to do', async () => {
    const view = viewOf([], { 'a/1': [], 'b/1': [] })
    await expect(runStep('split', view, { ratio: { train: '1' } })).rejects.toMatchObject({
      code: 'DSV_ITEMS_COLLIDE',
      hint: expect.stringContaining("rename --match '^' --to '{subset}_'"),
      message: expect.stringContaining('"a/1" and "b/1"'),
    })
  })

  const grown = async (
    draftsOf: (index: number) => readonly AnnotationDraft[],
    options: object,
  ): Promise<number> => {
    const names = Array.from({ length: 30 }, (_, index) => `c${index}`)
    const items = numbered(1010, draftsOf)
    // The added ones lie among the others.
    const isOld = (index: number): boolean => index % 101 !== 50
    const old = Object.fromEntries(Object.entries(items).filter((_, index) => isOld(index)))
    const run = async (from: DatasetView): Promise<Map<string, string>> =>
      subsetsOf(await runStep('split', from, { ratio: { train: '0.7', val: '0.3' }, ...options }))
    const [before, after] = [await run(viewOf(names, old)), await run(viewOf(names, items))]
    return [...before].filter(([id, subset]) => after.get(id) !== subset).length
  }

  it('moves few items when one in a hundred is added', async () => {
    const none = await grown(() => [], {})
    const single = await grown((index) => [label(`c${(index * 7919) % 30}`)], {
      stratify: 'classification',
    })
    const many = await grown(
      (index) =>
        Array.from({ length: (index * 31) % 7 }, (_, at) =>
          boxOf(`c${Math.floor(((index * 7919 + at * 104729) % 900) ** 0.5)}`),
        ),
      { stratify: 'detection' },
    )
    // Of 1,000, the expected number for a border that moves by chance, and some room.
    expect(none).toBeLessThanOrEqual(5)
    expect(single).toBeLessThanOrEqual(20)
    expect(many).toBeLessThanOrEqual(40)
  })
})
