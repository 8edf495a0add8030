import { describe, expect, it } from '@jest/globals'
import { type AnnotatedItem, type AnnotationDraft, isAnnotation } from '@dsv/core'
import * as fc from 'fast-check'
import { datasets } from '../../../formats/test/arbitraries.ts'
import { itemsOf, memoryDatasetView } from '../../../formats/test/dataset-view.ts'
import { annotationsOf, boxOf, keysOf, type Made, runStep, viewOf } from '../run-step.ts'

const CAR = {
  key: 'k1',
  name: 'car',
  attributes: [
    { name: 'doors', type: 'integer' },
    { name: 'color', type: 'enum', values: ['red', 'blue', 3] },
    { name: 'note', type: 'string' },
    { name: 'fast', type: 'boolean' },
  ],
} as const
const SIGN: AnnotationDraft = { ...boxOf('dog'), score: 0.5, attributes: { note: 'x' } }
const VIEW = viewOf([CAR, 'dog'], {
  'train/a': [boxOf('k1'), SIGN],
  'train/b': [boxOf('k1', 5)],
  'val/c': [],
})

async function changed(
  values: Readonly<Record<string, string>>,
  where = 'category = "car"',
): Promise<Made> {
  return runStep('set', VIEW, { where, set: values })
}

describe('set', () => {
  it('changes the fields of annotations that match, and nothing else', async () => {
    const made = await changed({ category: 'dog', score: '0.25', occluded: 'true' })
    expect(annotationsOf(made, 'train/a')).toEqual([
      { uid: 'ground_truth-0', ...boxOf('dog'), score: 0.25, occluded: true },
      { uid: 'ground_truth-1', ...SIGN },
    ])
    expect(annotationsOf(made, 'train/b')).toMatchObject([{ category: 'dog', x: 5 }])
    expect(made.schema).toEqual(VIEW.schema)
  })

  it.each([
    ['score', '1e-3', 0.001],
    ['zOrder', '-2', -2],
    ['crowd', 'false', false],
    ['group', '12', 12],
    ['group', '012', '012'],
    ['track', 'bus 7', 'bus 7'],
  ])('gives %s the value %s', async (field, text, value) => {
    expect(annotationsOf(await changed({ [field]: text }))[0]).toHaveProperty(field, value)
  })

  it.each([
    ['attributes.doors', '4', 4],
    ['attributes.color', 'red', 'red'],
    ['attributes.color', '3', 3],
    ['attributes.note', '12', '12'],
    ['attributes.fast', 'false', false],
  ])('types %s=%s as the schema does', async (field, text, value) => {
    const [first] = annotationsOf(await changed({ [field]: text }))
    expect(first?.attributes).toEqual({ [field.slice('attributes.'.length)]: value })
  })

  it.each([
    ['4', 4],
    ['true', true],
    ['null', null],
    ['"4"', '4'],
    ['[1, "x"]', [1, 'x']],
    ['004', '004'],
    ['{"a": 1}', '{"a": 1}'],
    ['1e999', '1e999'],
    ['', ''],
  ])('reads an attribute that the schema does not have: %s', async (text, value) => {
    const made = await changed({ 'attributes.seats': text })
    expect(annotationsOf(made)[0]?.attributes).toEqual({ seats: value })
    expect(made.notes).toEqual([
      { what: 'attribute that the schema does not have', where: 'seats' },
    ])
  })

  it('changes items: subset, attributes, tags', async () => {
    const options = {
      where: 'id = "b"',
      set: { subset: 'val', 'item.attributes.city': 'Bonn' },
      'add-tag': ['new'],
    }
    const made = await runStep('set', VIEW, options)
    expect(keysOf(made)).toEqual(['train/a', 'val/b', 'val/c'])
    expect(made.items[1]).toMatchObject({ attributes: { city: 'Bonn' }, tags: ['new'] })
    expect(annotationsOf(made, 'val/b')).toMatchObject([{ uid: 'ground_truth-0' }])
  })

  it('names both items that would become one', async () => {
    const view = viewOf([], { 'train/a': [], 'val/a': [] })
    const made = runStep('set', view, { where: 'subset = "train"', set: { subset: 'val' } })
    await expect(made).rejects.toMatchObject({ code: 'DSV_ITEMS_COLLIDE' })
  })

  it('takes fields away', async () => {
    const options = { where: 'category = "dog"', unset: ['score', 'attributes.note', 'category'] }
    const [, sign] = annotationsOf(await runStep('set', VIEW, options))
    const { category: _, ...box } = boxOf('dog')
    expect(sign).toEqual({ uid: 'ground_truth-1', ...box })
  })

  it('deletes annotations, or items', async () => {
    const where = 'category = "car"'
    const bare = await runStep('set', VIEW, { where, delete: 'annotations' })
    expect(bare.items.map((item) => item.layers['ground_truth']?.length)).toEqual([1, 0, 0])
    expect(keysOf(await runStep('set', VIEW, { where, delete: 'items' }))).toEqual(['val/c'])
  })

  it.each([
    [{ set: { catgory: 'x' } }, 'Did you mean category?'],
    [{ set: { zorder: '1' } }, 'Did you mean zOrder?'],
    [{ set: { category: 'crar' } }, 'Did you mean car?'],
    [{ set: { 'attributes.color': 'rde' } }, 'Did you mean red?'],
    [{ unset: ['scores'] }, 'Did you mean score?'],
  ])('knows what is meant: %j', async (options, hint) => {
    await expect(
      runStep('set', VIEW, { where: 'category = "car"', ...options }),
    ).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID', hint })
  })

  it.each([
    [{}, /is missing/u],
    [{ set: { score: '' } }, /no number/u],
    [{ set: { score: 'Infinity' } }, /no number/u],
    [{ set: { occluded: 'yes' } }, /neither true nor false/u],
    [{ set: { 'attributes.doors': '4.5' } }, /no integer/u],
    [{ set: { 'attributes.__proto__': '1' } }, /__proto__/u],
    [{ set: { uid: 'x' } }, /"uid"/u],
    [{ set: { subset: '../x' } }, /no name/u],
    [{ set: { score: '1' }, unset: ['score'] }, /which is set/u],
    [{ unset: ['subset'] }, /all items have/u],
    [{ set: { score: '1' }, delete: 'items' }, /no other change/u],
  ])('refuses %j', async (options, message) => {
    const made = runStep('set', VIEW, { where: 'category = "car"', ...options })
    await expect(made).rejects.toThrow(message)
  })

  it('wants a key where several categories have one name', async () => {
    const view = viewOf(
      [
        { key: 'w1', name: 'wheel' },
        { key: 'w2', name: 'wheel' },
      ],
      { 'train/a': [boxOf('w1')] },
    )
    const options = { where: 'type = "box"', set: { category: 'wheel' } }
    await expect(runStep('set', view, options)).rejects.toThrow(/several categories/u)
    const made = await runStep('set', view, { ...options, set: { category: 'w2' } })
    expect(annotationsOf(made)).toMatchObject([{ category: 'w2' }])
  })

  it('makes annotations that can be stored, and changes only those that match', async () => {
    const changes = fc.record(
      {
        category: fc.constantFrom('cat'),
        score: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
        group: fc.string(),
        occluded: fc.constantFrom('true', 'false'),
        'attributes.x': fc.string(),
      },
      { requiredKeys: ['occluded'] },
    )
    const shape = { types: ['box', 'label'], categories: ['cat'] } as const
    await fc.assert(
      fc.asyncProperty(datasets(shape), changes, async ({ schema, items }, given) => {
        fc.pre(given.group !== '')
        const view = memoryDatasetView(schema, items)
        const made = await runStep('set', view, { where: 'type = "box"', set: given })
        const before = await itemsOf(view)
        expect(made.items.every((item) => allOf(item).every((each) => isAnnotation(each)))).toBe(
          true,
        )
        expect(made.items.map(untouched)).toEqual(before.map(untouched))
        const again = memoryDatasetView(made.schema, made.items)
        const twice = await runStep('set', again, { where: 'type = "box"', set: given })
        expect(twice.items).toEqual(made.items)
      }),
      { numRuns: 50 },
    )
  })
})

function allOf(item: AnnotatedItem): readonly unknown[] {
  return Object.values(item.layers).flat()
}

/** What a change of boxes must leave as it is. */
function untouched({ layers, ...item }: AnnotatedItem): unknown {
  const all = Object.values(layers).flat()
  return [item, all.map((each) => (each.type === 'box' ? [each.uid, each.x] : each))]
}
