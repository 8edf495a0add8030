import { numberTally } from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'

function summaryOf(values: readonly number[], maxValues?: number) {
  const tally = numberTally(maxValues)
  for (const value of values) tally.add(value)
  return tally.summary('ten')
}

const numbers = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
  { minLength: 1, maxLength: 60 },
)

describe('numberTally', () => {
  it('says of a few numbers what a hand finds', () => {
    expect(summaryOf([2, 3, 20, 2, 9])).toMatchObject({
      count: 5,
      mean: 7.2,
      min: 2,
      max: 20,
      quartiles: [2, 3, 9],
      binaryDigits: 52,
    })
    expect(summaryOf([2, 4])?.std).toBeCloseTo(Math.SQRT2, 12)
    expect(summaryOf([7])).toMatchObject({ mean: 7, std: null, quartiles: [7, 7, 7] })
  })

  it('has the bins of NumPy, half a unit around a value that is alone', () => {
    expect(summaryOf([1, 2, 4, 1.3])?.bins.map(({ count }) => count)).toEqual([
      1, 1, 0, 1, 0, 0, 0, 0, 0, 1,
    ])
    expect(summaryOf([4, 4])?.bins.find(({ count }) => count > 0)).toEqual({
      from: 4,
      to: 4.1,
      count: 2,
    })
  })

  it('passes over what is no number, and says nothing of none', () => {
    expect(summaryOf([NaN, Infinity, 1])).toMatchObject({ count: 1, mean: 1 })
    expect(summaryOf([NaN])).toBeUndefined()
  })

  it('counts every value in exactly one bin, whatever the bins', () => {
    fc.assert(
      fc.property(
        numbers,
        fc.constantFrom('ten' as const, 'octaves' as const, 'whole' as const),
        (values, binning) => {
          const tally = numberTally()
          for (const value of values) tally.add(value)
          const bins = tally.summary(binning)?.bins ?? []
          expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
          expect(bins.length).toBeLessThan(100)
          for (const { from, to } of bins) expect(to).toBeGreaterThan(from)
          expect(bins.slice(1).map(({ from }) => from)).toEqual(
            bins.slice(0, -1).map(({ to }) => to),
          )
        },
      ),
    )
  })

  it('has whole numbers in bins of their own', () => {
    const tally = numberTally()
    for (const value of [0, 0, 3, 1]) tally.add(value)
    expect(tally.summary('whole')?.bins).toEqual([
      { from: 0, to: 1, count: 2 },
      { from: 1, to: 2, count: 1 },
      { from: 2, to: 3, count: 0 },
      { from: 3, to: 4, count: 1 },
    ])
  })

  it('depends on the numbers, not on their order, also where it keeps few of their digits', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const [one, other] = [summaryOf(values, 8), summaryOf(values.toReversed(), 8)]
        const { mean: a = 0, std: p, ...rest } = one ?? {}
        const { mean: b = 0, std: q, ...others } = other ?? {}
        expect(rest).toEqual(others)
        expect(a).toBeCloseTo(b, 6)
        expect(p ?? 0).toBeCloseTo(q ?? 0, 5)
      }),
    )
  })

  it('finds quartiles within the digits it says it keeps, of many different numbers', () => {
    const values = Array.from({ length: 5000 }, (_, index) => 1 + index / 7)
    const summary = summaryOf(values, 200)
    const sorted = values.toSorted((a, b) => a - b)
    expect(summary?.binaryDigits).toBeGreaterThan(2)
    for (const [index, share] of [0.25, 0.5, 0.75].entries()) {
      const exact = sorted[Math.ceil(values.length * share) - 1] ?? 0
      const found = summary?.quartiles[index] ?? 0
      expect(found).toBeLessThanOrEqual(exact)
      expect(found).toBeGreaterThanOrEqual(exact * (1 - 2 ** -(summary?.binaryDigits ?? 0)))
    }
  })

  it('has no number that JSON cannot hold, of numbers as large as there are', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 20 }), (values) => {
        for (const binning of ['ten', 'octaves', 'whole'] as const) {
          const tally = numberTally(4)
          for (const value of values) tally.add(value)
          const summary = tally.summary(binning)
          expect(JSON.parse(JSON.stringify(summary ?? null))).toEqual(summary ?? null)
        }
      }),
    )
  })
})
