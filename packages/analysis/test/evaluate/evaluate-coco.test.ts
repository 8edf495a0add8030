import { describe, expect, it } from '@jest/globals'
import type { Annotation, Category } from '@dsv/core'
import { evaluateCoco, type EvaluatedItem, type ObjectMatch } from '@dsv/analysis'

const CAT: Category = { key: 'cat', name: 'cat' }
const PERSON: Category = {
  key: 'person',
  name: 'person',
  skeleton: { points: ['nose', 'tail'], edges: [] },
}

function box(
  uid: string,
  [x, y, width, height]: readonly [number, number, number, number],
  rest: Partial<Annotation> = {},
): Annotation {
  return { uid, category: 'cat', ...rest, type: 'box', x, y, width, height }
}

/** Two images with a crowd and a detection in nothing. */
const STREET: readonly EvaluatedItem[] = [
  {
    subset: 'val',
    id: '1',
    truth: [
      box('a', [10, 10, 50, 50], { area: 2500 }),
      box('crowd', [100, 100, 80, 80], { area: 6400, crowd: true }),
    ],
    found: [
      box('1', [10, 10, 50, 40], { score: 0.9 }),
      box('2', [110, 110, 20, 20], { score: 0.8 }),
      box('3', [120, 120, 20, 20], { score: 0.7 }),
    ],
  },
  {
    subset: 'val',
    id: '2',
    truth: [box('b', [0, 0, 20, 20], { area: 400 })],
    found: [box('4', [100, 100, 10, 10], { score: 0.6 }), box('5', [0, 0, 20, 18], { score: 0.5 })],
  },
]

describe('evaluateCoco', () => {
  it('gives the figures of pycocotools 2.0.11', async () => {
    const { summary } = await evaluateCoco(STREET, { task: 'box', categories: [CAT] })
    const figures = Object.fromEntries(summary.map(({ name, value }) => [name, value.toFixed(6)]))
    expect(figures).toEqual({
      AP: '0.618152',
      AP50: '0.834983',
      AP75: '0.834983',
      APs: '0.450000',
      APm: '0.700000',
      APl: '-1.000000',
      AR1: '0.350000',
      AR10: '0.800000',
      AR100: '0.800000',
      ARs: '0.900000',
      ARm: '0.700000',
      ARl: '-1.000000',
    })
  })

  it('says what became of every object and detection', async () => {
    const outcomes = new Map<string, readonly string[]>()
    await evaluateCoco(STREET, {
      task: 'box',
      categories: [CAT],
      matchThreshold: 0.95,
      onMatches: ({ id }, matches) => outcomes.set(id, matches.map(outcomeOf)),
    })
    expect(outcomes.get('1')).toEqual([
      'false-positive 1',
      'ignored 2 crowd',
      'ignored 3 crowd',
      'false-negative a',
    ])
    expect(outcomes.get('2')).toEqual(['false-positive 4', 'false-positive 5', 'false-negative b'])
  })

  it('looks at all categories as one where it shall', async () => {
    const items = STREET.map((item) => ({
      ...item,
      found: item.found.map((each) => ({ ...each, category: 'dog' })),
    }))
    const dog: Category = { key: 'dog', name: 'dog' }
    const request = { task: 'box', categories: [CAT, dog] } as const
    const apart = await evaluateCoco(items, request)
    const together = await evaluateCoco(items, { ...request, useCategories: false })
    expect(apart.summary[0]?.value).toBe(0)
    expect(together.summary[0]?.value).toBeCloseTo(0.618152, 6)
  })

  it('is −1 where there is nothing to find, and 0 where nothing was found', async () => {
    const nothing = await evaluateCoco([], { task: 'box', categories: [CAT] })
    expect(nothing.summary.map(({ value }) => value)).toEqual(Array.from({ length: 12 }, () => -1))
    const missed = STREET.map((item) => ({ ...item, found: [] }))
    const { summary } = await evaluateCoco(missed, { task: 'box', categories: [CAT] })
    expect(summary[0]?.value).toBe(0)
    expect(summary[6]?.value).toBe(0)
  })

  it('refuses keypoints whose spread nobody knows', async () => {
    const points: Annotation = {
      uid: 'p',
      category: 'person',
      type: 'points',
      points: [1, 1, 9, 9],
      visibility: [2, 2],
    }
    const items = [{ subset: 'val', id: '1', truth: [points], found: [points] }]
    const request = { task: 'points', categories: [PERSON] } as const
    await expect(evaluateCoco(items, request)).rejects.toMatchObject({
      code: 'DSV_EVALUATION_SIGMAS_MISSING',
    })
    const { summary } = await evaluateCoco(items, { ...request, sigmas: [0.05, 0.05] })
    expect(summary[0]?.value).toBeCloseTo(1, 12)
  })
})

function outcomeOf({ outcome, found, truth }: ObjectMatch): string {
  return [outcome, found?.uid, truth?.uid].filter((part) => part !== undefined).join(' ')
}
