import { describe, expect, it } from '@jest/globals'
import { agreementCounter, cohenKappa, type JudgedObject } from '@dsv/analysis'

/** Objects that annotators gave categories; `.` has not seen it, `-` has not marked it. */
function judged(rows: readonly string[], similarity: JudgedObject['similarity']): JudgedObject[] {
  return (rows[0] ?? '').split('').map((_, at) => ({
    categories: rows.map((row) => {
      const said = row[at] ?? '.'
      if (said === '.') return undefined
      return said === '-' ? null : said
    }),
    similarity,
  }))
}

describe('agreementCounter', () => {
  it('gives the alpha of nominal data that Krippendorff computes by hand', () => {
    const counter = agreementCounter(['A', 'B', 'C', 'D'])
    // 12 units, four observers, some data missing: example C of the paper.
    const table = ['123321412...', '1233224125.3', '.3332342251.', '12332441251.']
    for (const object of judged(table, () => 1)) counter.add(object)
    expect(counter.result().alpha.categories).toBeCloseTo(0.743, 3)
  })

  it('counts pairs, categories and annotators', () => {
    const counter = agreementCounter(['ann', 'bob'])
    for (const object of judged(['cc-d.', 'cdcdc'], () => 0.8)) counter.add(object)
    const { pairs, categories, annotators } = counter.result()
    expect(pairs).toEqual([
      {
        annotators: ['ann', 'bob'],
        annotations: 7,
        matched: 3,
        agreed: 2,
        f1: 4 / 7,
        meanIou: expect.closeTo(0.8, 12),
        // Two of three equal; by chance 4 of 9.
        kappa: expect.closeTo((2 / 3 - 4 / 9) / (1 - 4 / 9), 12),
      },
    ])
    expect(categories).toMatchObject([
      { category: 'c', annotations: 4, matched: 2, agreed: 1, f1: 0.5 },
      { category: 'd', annotations: 3, matched: 2, agreed: 1, f1: 2 / 3 },
    ])
    expect(annotators).toMatchObject([
      { annotator: 'ann', agreed: 2 },
      { annotator: 'bob', agreed: 2 },
    ])
  })

  it('measures shapes by their distance: half alike is half agreed', () => {
    const alphaOf = (similarity: number): number | null => {
      const counter = agreementCounter(['ann', 'bob'])
      for (const object of judged(['cc', 'cc'], () => similarity)) counter.add(object)
      return counter.result().alpha.shapes
    }
    expect(alphaOf(1)).toBe(1)
    // Two objects with two values each: observed 1/2; of twelve ordered pairs eight are of two objects.
    expect(alphaOf(0.5)).toBeCloseTo(1 - 0.5 / (10 / 12), 12)
    expect(alphaOf(0)).toBeLessThanOrEqual(0)
  })

  it('has no figures without anything to compare', () => {
    expect(agreementCounter(['ann', 'bob']).result()).toMatchObject({
      pairs: [{ f1: null, meanIou: null, kappa: null }],
      alpha: { categories: null, shapes: null },
    })
  })
})

describe('cohenKappa', () => {
  it('is 0.4 where 35 of 50 are equal and 25 would be by chance', () => {
    const table = new Map([
      [
        'yes',
        new Map([
          ['yes', 20],
          ['no', 5],
        ]),
      ],
      [
        'no',
        new Map([
          ['yes', 10],
          ['no', 15],
        ]),
      ],
    ])
    expect(cohenKappa(table)).toBeCloseTo(0.4, 12)
  })
})
