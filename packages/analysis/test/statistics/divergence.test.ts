import { divergence } from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'

const counts = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(9)), { maxLength: 3 })
  .map((pairs) => new Map(pairs))

describe('divergence', () => {
  it('is 0 of equal distributions, 1 of such that share nothing', () => {
    expect(
      divergence(
        new Map([
          ['a', 1],
          ['b', 3],
        ]),
        new Map([
          ['a', 2],
          ['b', 6],
        ]),
      ),
    ).toBe(0)
    expect(divergence(new Map([['a', 4]]), new Map([['b', 9]]))).toBe(1)
  })

  it('has the value of the formula', () => {
    // The middle is (3/4, 1/4): half of log2(4/3), half of the mean of log2(2/3) and log2(2).
    const found = divergence(
      new Map([['a', 1]]),
      new Map([
        ['a', 1],
        ['b', 1],
      ]),
    )
    expect(found).toBeCloseTo(0.31127812445913283, 12)
  })

  it('is symmetric and within 0…1', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const found = divergence(a, b)
        expect(found).toBe(divergence(b, a))
        expect(found ?? 0).toBeGreaterThanOrEqual(0)
        expect(found ?? 0).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('is not known where nothing is counted', () => {
    expect(divergence(new Map(), new Map([['a', 1]]))).toBeNull()
  })
})
