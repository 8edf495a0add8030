import { describe, expect, it } from '@jest/globals'
import { compileSlice, evaluate, type EvaluatedItem, surveyItems } from '@dsv/analysis'
import { EMPTY_SCHEMA } from '@dsv/core'
import { box, categories, item, label } from './made-up.ts'

const CATS = categories('cat')
const SCHEMA = { ...EMPTY_SCHEMA, categories: CATS }
const near = { attributes: { far: false } }
const far = { attributes: { far: true } }

const ITEMS: readonly EvaluatedItem[] = [
  item(
    'sunny',
    [box('a', 'cat', [0, 0, 20, 20], near), box('b', 'cat', [100, 0, 50, 50], far)],
    [box('1', 'cat', [0, 0, 20, 20], { score: 0.9 })],
  ),
  item(
    'rainy',
    [box('a', 'cat', [0, 0, 20, 20], far)],
    [box('1', 'cat', [0, 0, 20, 20], { score: 0.8 })],
  ),
]

async function sliced(text: string): Promise<Readonly<Record<string, number | null | undefined>>> {
  const slice = compileSlice(text, SCHEMA)
  const { parts } = await surveyItems(stream(ITEMS), [slice], false)
  const { slices } = await evaluate(ITEMS, { task: 'boxes', categories: CATS, parts })
  return Object.fromEntries(slices.map(({ part, figures }) => [part, figures['AR100']]))
}

async function* stream(items: readonly EvaluatedItem[]): AsyncGenerator<EvaluatedItem> {
  yield* items
}

describe('compileSlice', () => {
  it('splits items by a field, a list into each of its values', async () => {
    expect(await sliced('tags')).toEqual({ sunny: 0.5, rainy: 1 })
  })

  it('splits objects by an attribute of the truth', async () => {
    expect(await sliced('attributes.far')).toEqual({ true: 0.5, false: 1 })
  })

  it('splits objects by the ranges of COCO, as its own figures do', async () => {
    expect(await sliced('size')).toEqual({ small: 1, medium: 0, large: null })
  })

  it('blames detections of nothing for their size alone', async () => {
    const [first = item('', [], [])] = ITEMS
    const large = box('9', 'cat', [0, 0, 300, 300], { score: 1 })
    const slice = compileSlice('size', SCHEMA)
    const parts = new Map([[slice, slice.parts ?? []]])
    const { slices } = await evaluate([{ ...first, found: [...first.found, large] }], {
      task: 'boxes',
      categories: CATS,
      parts,
    })
    expect(slices.find(({ part }) => part === 'small')?.figures['F1']).toBe(1)
  })

  it('refuses a slice with a part for every item', async () => {
    const many = Array.from({ length: 300 }, (_, index) => item(`${index}`, [], []))
    const slice = compileSlice('id', SCHEMA)
    await expect(surveyItems(stream(many), [slice], false)).rejects.toMatchObject({
      code: 'DSV_SLICE_TOO_FINE',
    })
  })
})

describe('surveyItems', () => {
  it('takes what most predictions are, and says whether items have several labels', async () => {
    const truth = [label('a', 'cat'), label('b', 'dog')]
    const items = [item('1', truth, [label('1', 'cat', 1)])]
    expect(await surveyItems(stream(items), [], false)).toMatchObject({
      task: 'classification',
      isMultiLabel: true,
    })
    expect(await surveyItems(stream(ITEMS), [], false)).toMatchObject({ task: 'boxes' })
    expect(await surveyItems(stream([]), [], false)).toMatchObject({ task: undefined })
  })
})
