import { describe, expect, it } from '@jest/globals'
import { type Annotation, EMPTY_SCHEMA } from '@dsv/core'
import fc from 'fast-check'
import { annotationSimilarity, similarityFrom } from '../../src/consensus/annotation-similarity.ts'
import { lineSimilarity } from '../../src/consensus/line-similarity.ts'

const similarity = annotationSimilarity(EMPTY_SCHEMA)

/** Triangles and quadrangles, some of which cross themselves or have no area. */
const polygon = fc
  .array(fc.integer({ min: 0, max: 12 }), { minLength: 6, maxLength: 8 })
  .filter(({ length }) => length % 2 === 0)
  .map((ring): Annotation => ({ uid: 'a', type: 'polygon', parts: [[ring]] }))

describe('annotationSimilarity', () => {
  it('is the same from both sides, and 1 for what is the same', () => {
    fc.assert(
      fc.property(polygon, polygon, (a, b) => {
        expect(similarity(a, b)).toBeCloseTo(similarity({ ...b }, { ...a }), 12)
        expect(similarity(a, { ...a, uid: 'b' })).toBe(1)
      }),
    )
  })

  it('is 1 for two points in one place, which have no area', () => {
    const point: Annotation = { uid: 'a', type: 'points', points: [3, 4], visibility: [2] }
    expect(similarity(point, { ...point, uid: 'b' })).toBe(1)
    expect(similarity(point, { ...point, points: [3, 5] })).toBeLessThan(1)
  })
})

describe('similarityFrom', () => {
  it('says the same from the threshold on', () => {
    fc.assert(
      fc.property(polygon, polygon, fc.constantFrom(0.1, 0.5, 0.9), (a, b, threshold) => {
        const whole = similarity(a, b)
        const found = similarityFrom(similarity, threshold)(a, b)
        expect(whole >= threshold ? [whole] : [0, whole]).toContain(found)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('lineSimilarity', () => {
  it('falls with the distance of parallel lines, whatever their points and direction', () => {
    expect(lineSimilarity([0, 0, 20, 0], [0, 1, 20, 1])).toBeCloseTo(0.9, 12)
    expect(lineSimilarity([0, 0, 20, 0], [20, 5, 7, 5, 0, 5])).toBeCloseTo(0.5, 12)
    expect(lineSimilarity([0, 0, 20, 0], [0, 50, 20, 50])).toBe(0)
  })

  it('is 1 for a line and itself, and 0 for a line and a place far from it', () => {
    expect(lineSimilarity([1, 2, 3, 4, 9, 9], [1, 2, 3, 4, 9, 9])).toBe(1)
    expect(lineSimilarity([5, 5], [5, 5])).toBe(1)
    expect(lineSimilarity([0, 0, 1, 1], [30, 30])).toBe(0)
    expect(lineSimilarity([], [])).toBe(1)
  })
})
