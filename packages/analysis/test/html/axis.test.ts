import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { linearAxis, placeOn } from '../../src/html/axis.ts'
import { figureText, tickText } from '../../src/html/number-text.ts'

describe('linearAxis', () => {
  it('ends at round numbers', () => {
    expect(linearAxis(0, 97)).toEqual({ from: 0, to: 100, ticks: [0, 20, 40, 60, 80, 100] })
    expect(linearAxis(-0.3, 0.7, 4).ticks).toEqual([-0.5, -0.25, 0, 0.25, 0.5, 0.75])
    expect(linearAxis(7, 7, 2).ticks).toEqual([5, 10])
  })

  it('holds every value between its ends, with few ticks', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const axis = linearAxis(low, high)
        expect(axis.ticks.length).toBeLessThanOrEqual(22)
        for (const each of [low, high]) {
          const place = placeOn(axis, each)
          expect(place).toBeGreaterThanOrEqual(0)
          expect(place).toBeLessThanOrEqual(1)
        }
        expect(placeOn(axis, low)).toBeLessThanOrEqual(placeOn(axis, high))
      }),
    )
  })
})

describe('figureText', () => {
  it('keeps what counts', () => {
    expect([0, 1204, -1234.5678, 0.123456, 0.00001, 1e300, NaN].map(figureText)).toEqual([
      '0',
      '1,204',
      '-1,234.6',
      '0.1235',
      '1.00e-5',
      '1.00e+300',
      '–',
    ])
  })
})

describe('tickText', () => {
  it('is short', () => {
    expect([0, 950, 2500, 25000, 1.5e6, 0.025].map(tickText)).toEqual([
      '0',
      '950',
      '2500',
      '25k',
      '1.5M',
      '0.025',
    ])
  })
})
