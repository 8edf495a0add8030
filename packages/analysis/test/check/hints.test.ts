import { checkDataset, type CheckRequest } from '@dsv/analysis'
import type { AnnotationDraft, Schema } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { memoryView } from './memory-view.ts'

const schema: Schema = {
  categories: [
    {
      key: 'car',
      name: 'car',
      attributes: [
        { name: 'color', type: 'string' },
        { name: 'parked', type: 'boolean', default: false },
      ],
    },
    { key: 'van', name: 'van' },
  ],
  attributes: [],
  info: {},
}

const car: AnnotationDraft = { type: 'label', category: 'car', attributes: { color: 'red' } }
const van: AnnotationDraft = { type: 'label', category: 'van' }

async function found(
  items: Readonly<Record<string, readonly AnnotationDraft[]>>,
  only: string,
  request: CheckRequest = {},
): Promise<readonly string[]> {
  const view = memoryView(
    schema,
    Object.entries(items).map(([key, annotations]) => {
      const [subset = '', id = ''] = key.split('/')
      return { subset, id, media: [], layers: { ground_truth: annotations } }
    }),
  )
  const { findings } = await checkDataset(view, { ...request, only: [only] })
  return findings.map(({ subset, id, message }) => `${subset ?? ''}/${id ?? ''} ${message}`)
}

describe('hints', () => {
  it('say once when no medium at all is there', async () => {
    const media = [{ role: 'primary', path: 'a.png', kind: 'image' as const }]
    const items = ['a', 'b'].map((id) => ({ subset: 'train', id, media, layers: {} }))
    const { findings } = await checkDataset(memoryView(schema, items), {
      only: ['image-missing', 'no-media'],
    })
    expect(findings).toMatchObject([
      { check: 'no-media', message: 'None of 2 media files is there' },
    ])
  })

  it('name items and subsets without annotations, and those with too many labels', async () => {
    const items = { 'test/a': [], 'train/a': [car], 'train/b': [], 'train/c': [car, van] }
    expect(await found(items, 'item-unannotated')).toEqual([
      'test/a There is no annotation',
      'train/b There is no annotation',
    ])
    expect(await found(items, 'item-unannotated', { task: 'detection' })).toHaveLength(4)
    expect(await found(items, 'subset-unannotated')).toEqual([
      'test/ No item of "test" has an annotation',
    ])
    expect(await found(items, 'several-labels')).toEqual(['train/c There are 2 labels'])
  })

  it('name categories that a subset lacks, but for subsets without annotations', async () => {
    const items = { 'test/a': [], 'train/a': [car, van], 'val/a': [car] }
    expect(await found(items, 'category-not-in-subset')).toEqual([
      'val/ "van" does not occur in "val"',
    ])
  })

  it('name attributes without a default that are missing, once for each item and category', async () => {
    const bare: AnnotationDraft = { type: 'label', category: 'car' }
    expect(
      await found({ 'train/a': [bare, bare, car], 'train/b': [car, van] }, 'attribute-missing'),
    ).toEqual(['train/a label "car" lacks the attribute "color"'])
  })

  it('name values that are many times as frequent as others', async () => {
    const items = Object.fromEntries(
      Array.from({ length: 51 }, (_, at) => [
        `train/${at}`,
        [{ ...car, attributes: { color: at === 0 ? 'blue' : 'red' } }],
      ]),
    )
    expect(await found(items, 'values-imbalanced')).toHaveLength(1)
    const lenient = { parameters: { 'values-imbalanced': { ratio: 51 } } }
    expect(await found(items, 'values-imbalanced', lenient)).toEqual([])
  })

  it('name who is alone in a group', async () => {
    const grouped = (group: number): AnnotationDraft => ({ ...car, group })
    expect(
      await found({ 'train/a': [grouped(1), grouped(2), grouped(1)] }, 'group-orphan'),
    ).toEqual(['train/a label "car" is alone in the group 2'])
  })

  it('do not count the values of attributes that are as good as free text', async () => {
    const items = Object.fromEntries(
      Array.from({ length: 1002 }, (_, at) => [
        `train/${at}`,
        [{ ...car, attributes: { color: `no ${at}` } }],
      ]),
    )
    expect(await found(items, 'few-samples-of-value')).toEqual([])
  })
})
