import type { AnnotationDraft, DatasetView } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'
import { boxOf, keysOf, runStep, viewOf } from '../run-step.ts'

function items(
  count: number,
  draftsOf: (index: number) => readonly AnnotationDraft[] = () => [],
): Record<string, readonly AnnotationDraft[]> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `${index % 2 === 0 ? 'train' : 'val'}/${index}`,
      draftsOf(index),
    ]),
  )
}

const label = (category: string, score: number): AnnotationDraft => ({
  type: 'label',
  category,
  score,
})

describe('sample', () => {
  const view = viewOf([], items(200))

  it('takes as many as asked for, and more of them where more are asked for', async () => {
    const ten = await runStep('sample', view, { count: 10 })
    const tenth = await runStep('sample', view, { fraction: 0.1 })
    expect(ten.items).toHaveLength(10)
    expect(tenth.items).toHaveLength(20)
    expect(keysOf(tenth)).toEqual(expect.arrayContaining([...keysOf(ten)]))
    const other = await runStep('sample', view, { count: 10, seed: 1 })
    expect(keysOf(other)).not.toEqual(keysOf(ten))
    expect((await runStep('sample', view, { count: 1000 })).items).toHaveLength(200)
  })

  it('is not bound to what a split chose with the same seed', async () => {
    const whole = viewOf(
      [],
      Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`all/${n}`, []])),
    )
    const split = await runStep('split', whole, { ratio: { train: '0.5', val: '0.5' } })
    const made = await runStep('sample', memoryDatasetView(split.schema, split.items), {
      fraction: 0.5,
    })
    const train = made.items.filter(({ subset }) => subset === 'train').length
    expect(Math.abs(train - 100)).toBeLessThan(30)
  })

  it('leaves other subsets alone, and puts the rest where it is told', async () => {
    const made = await runStep('sample', view, { count: 10, from: ['train'], rest: 'pool' })
    const count = (name: string): number =>
      made.items.filter(({ subset }) => subset === name).length
    expect([count('train'), count('val'), count('pool')]).toEqual([10, 100, 90])
  })

  it('takes enough of each category, and says where there is not enough', async () => {
    const many = viewOf(
      ['a', 'b', 'c'],
      items(100, (index) => [
        boxOf('a'),
        ...(index % 10 === 0 ? [boxOf('b'), boxOf('b')] : []),
        ...(index === 5 ? [boxOf('c')] : []),
      ]),
    )
    const made = await runStep('sample', many, { 'per-category': { '*': '4', b: '5' } })
    const count = (category: string): number =>
      made.items.flatMap(({ layers }) =>
        (layers['ground_truth'] ?? []).filter((each) => each.category === category),
      ).length
    expect(count('b')).toBe(6)
    expect(count('c')).toBe(1)
    // The items of b and c have an a each.
    expect(count('a')).toBe(4)
    expect(made.notes).toEqual([
      { what: 'category with fewer annotations than asked for', where: 'c' },
    ])
    expect(
      (await runStep('sample', many, { 'per-category': { b: '5' }, count: 20 })).items,
    ).toHaveLength(20)
  })

  /** Items `i0` … whose label `a` has a score of 0.5, 0.6, … 1.0, and one without. */
  const scored: DatasetView = viewOf(
    ['a', 'b'],
    Object.fromEntries([
      ...[0, 1, 2, 3, 4, 5].map((n) => [
        `p/i${n}`,
        [label('a', 0.5 + n / 10), label('b', 0.5 - n / 10)],
      ]),
      ['p/none', []],
    ]),
  )

  it.each(['entropy', 'margin', 'least-confidence'])('orders items by %s', async (by) => {
    const take = async (method: string, count: number): Promise<readonly string[]> =>
      keysOf(await runStep('sample', scored, { by, method, count }))
    expect(await take('topk', 2)).toEqual(['p/i0', 'p/i1'])
    expect(await take('lowk', 2)).toEqual(['p/i4', 'p/i5'])
    expect(await take('mixk', 3)).toEqual(['p/i0', 'p/i1', 'p/i5'])
    expect(await take('randk', 6)).not.toContain('p/none')
    expect(await take('randtopk', 2)).toEqual(['p/i0', 'p/i1'])
    const [one] = await take('randtopk', 1)
    expect(['p/i0', 'p/i1', 'p/i2', 'p/i3']).toContain(one)
    const { notes } = await runStep('sample', scored, { by, count: 1 })
    expect(notes).toEqual([{ what: 'item without scores', where: 'p/none' }])
  })

  it('does not sample by scores where there are none', async () => {
    const step = runStep('sample', scored, { by: 'entropy', count: 1, layer: 'modle' })
    await expect(step).rejects.toMatchObject({ code: 'DSV_OPTION_INVALID' })
  })

  it('is most unsure of a box of which the score is one half', async () => {
    const boxes = viewOf(
      ['a'],
      Object.fromEntries(
        [0.05, 0.5, 0.9].map((score) => [`p/${score}`, [{ ...boxOf('a'), score }]]),
      ),
    )
    const made = await runStep('sample', boxes, { by: 'entropy', count: 1 })
    expect(keysOf(made)).toEqual(['p/0.5'])
  })

  it.each([
    [{}],
    [{ count: 1, fraction: 0.1 }],
    [{ count: -1 }],
    [{ count: 1.5 }],
    [{ fraction: 1.1 }],
    [{ 'per-category': { dog: '1' } }],
    [{ 'per-category': { '*': '1e99' } }],
    [{ count: 1, method: 'topk' }],
    [{ count: 1, rest: 'a/b' }],
    [{ count: 1, from: ['nowhere'] }],
  ])('refuses %j', async (options) => {
    await expect(runStep('sample', view, options)).rejects.toMatchObject({
      code: 'DSV_OPTION_INVALID',
    })
  })
})
