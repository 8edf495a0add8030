import { describe, expect, it } from '@jest/globals'
import {
  compareOutcomes,
  evaluatorOf,
  type EvaluatedItem,
  type ItemOutcomes,
  type OutcomeChange,
} from '@dsv/analysis'
import type { Annotation } from '@dsv/core'
import fc from 'fast-check'
import { box, categories, item } from './made-up.ts'

const OPTIONS = { task: 'boxes', categories: categories('cat', 'dog') } as const

interface Compared {
  readonly items: readonly ItemOutcomes[]
  readonly before: Readonly<Record<string, number | null>>
  readonly after: Readonly<Record<string, number | null>>
}

async function compare(before?: EvaluatedItem, after?: EvaluatedItem): Promise<Compared> {
  const evaluators = {
    before: evaluatorOf(OPTIONS),
    after: evaluatorOf(OPTIONS),
    haveSameCategories: true,
  }
  const items: ItemOutcomes[] = []
  for await (const each of compareOutcomes([{ before, after }], evaluators)) items.push(each)
  return {
    items,
    before: evaluators.before.result().figures,
    after: evaluators.after.result().figures,
  }
}

const CAT = box('cat', 'cat', [0, 0, 20, 20])
const DOG = box('dog', 'dog', [100, 0, 20, 20])
const SEEN_CAT = box('1', 'cat', [0, 0, 20, 20], { score: 0.9 })
const SEEN_DOG = box('2', 'dog', [100, 0, 20, 20], { score: 0.8 })

describe('compareOutcomes', () => {
  it('says nothing of an item on which nothing changed', async () => {
    const same = item('1', [CAT], [SEEN_CAT])
    expect((await compare(same, { ...same })).items).toEqual([])
  })

  it('names the edit of another annotation that made a prediction wrong', async () => {
    const moved = { ...CAT, x: 50 }
    const nudged = { ...DOG, x: 101 }
    const { items } = await compare(
      item('1', [CAT, DOG], [SEEN_CAT, SEEN_DOG]),
      item('1', [moved, nudged], [SEEN_CAT, SEEN_DOG]),
    )
    // The dog moved too, but is still found: it is no cause of anything.
    expect(items[0]?.changes.map(changeText)).toEqual([
      'truth cat: true-positive → false-negative, truth cat edited geometry',
      'found 1: true-positive → false-positive, truth cat edited geometry',
    ])
  })

  it('names the better prediction that took an object away', async () => {
    const better = box('3', 'cat', [0, 0, 20, 20], { score: 0.95 })
    const { items } = await compare(
      item('1', [CAT], [SEEN_CAT]),
      item('1', [CAT, DOG], [SEEN_CAT, better]),
    )
    expect(items[0]?.changes.map(changeText)).toEqual([
      'truth dog: none → false-negative, truth dog added ',
      'found 1: true-positive → false-positive, found 3 added ',
      'found 3: none → true-positive, found 3 added ',
    ])
  })

  it('names both where either alone would do', async () => {
    const gone = await compare(
      item('1', [CAT], [SEEN_CAT, { ...SEEN_CAT, uid: '9', score: 0.5 }]),
      item('1', [CAT], []),
    )
    const [lost] = gone.items[0]?.changes ?? []
    expect(lost && changeText(lost)).toBe(
      'truth cat: true-positive → false-negative, found 1 removed , found 9 removed ',
    )
  })

  it('takes an item that came or went as the cause itself', async () => {
    const { items } = await compare(undefined, item('1', [CAT], []))
    expect(items).toHaveLength(1)
    expect(items[0]?.changes.map(changeText)).toEqual(['truth cat: none → false-negative, '])
  })

  it('accounts for every change of the counts', async () => {
    const annotation = fc
      .record({
        uid: fc.constantFrom('a', 'b', 'c', 'd'),
        category: fc.constantFrom('cat', 'dog'),
        x: fc.constantFrom(0, 5, 60),
        score: fc.constantFrom(0.5, 0.9),
      })
      .map(({ uid, category, x, score }): Annotation =>
        box(uid, category, [x, 0, 20, 20], { score }),
      )
    const list = fc.uniqueArray(annotation, { selector: ({ uid }) => uid, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(list, list, list, list, async (truth, found, truth2, found2) => {
        const { items, before, after } = await compare(
          item('1', truth, found),
          item('1', truth2, found2),
        )
        const changes = items.flatMap((each) => each.changes)
        const grown = (side: string, outcome: string): number =>
          changes.filter((each) => each.side === side && each.after === outcome).length -
          changes.filter((each) => each.side === side && each.before === outcome).length
        const difference = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0)
        expect(grown('found', 'true-positive')).toBe(difference('TP'))
        expect(grown('found', 'false-positive')).toBe(difference('FP'))
        expect(grown('truth', 'false-negative')).toBe(difference('FN'))
        for (const { causes } of changes) expect(causes.length).toBeGreaterThan(0)
      }),
    )
  })
})

function changeText({ side, annotation, before, after, causes }: OutcomeChange): string {
  const because = causes.map(
    (cause) => `${cause.side} ${cause.uid} ${cause.change} ${cause.fields.join()}`,
  )
  return `${side} ${annotation.uid}: ${before ?? 'none'} → ${after ?? 'none'}, ${because.join(', ')}`
}
