import { hasManyCrossings } from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { ringCrossesItself } from '../../src/check/ring-crosses-itself.ts'

describe('ringCrossesItself', () => {
  it('agrees with counting all crossings', () => {
    const number = fc.integer({ min: 0, max: 6 })
    fc.assert(
      fc.property(fc.array(number, { maxLength: 16 }), (ring) => {
        expect(ringCrossesItself(ring)).toBe(hasManyCrossings([[ring]], 0))
      }),
      { numRuns: 500 },
    )
  })

  it('knows a bow tie, a square and a star, small or of many points', () => {
    expect(ringCrossesItself([0, 0, 4, 4, 4, 0, 0, 4])).toBe(true)
    expect(ringCrossesItself([0, 0, 4, 0, 4, 4, 0, 4])).toBe(false)
    const around = (points: number, step: number): number[] =>
      Array.from({ length: points }, (_, at) => (at * step * 2 * Math.PI) / points).flatMap(
        (angle) => [Math.cos(angle), Math.sin(angle)],
      )
    expect(ringCrossesItself(around(5, 2))).toBe(true)
    expect(ringCrossesItself(around(5, 1))).toBe(false)
    expect(ringCrossesItself(around(501, 2))).toBe(true)
    expect(ringCrossesItself(around(500, 1))).toBe(false)
  })
})
