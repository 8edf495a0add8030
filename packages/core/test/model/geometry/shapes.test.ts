import {
  areaOf,
  boundsOf,
  boxIou,
  ellipseArea,
  ellipseRing,
  type Geometry,
  iouOf,
  partsArea,
  partsIou,
  polygonToMask,
  maskGeometry,
  ringArea,
  rotatedBoxIou,
} from '@dsv/core'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { geometry } from '../../arbitraries.ts'

const SQUARE = [0, 0, 10, 0, 10, 10, 0, 10]

function rectangle(x: number, y: number, width: number, height: number): number[] {
  return [x, y, x + width, y, x + width, y + height, x, y + height]
}

/** A star that crosses itself and both axes many times. */
function scribble(points: number): number[] {
  return Array.from({ length: 2 * points }, (_, index) => (index * 7919) % 997)
}

describe('boxIou', () => {
  it('divides by the union, or by the first area for a crowd', () => {
    expect(boxIou([0, 0, 10, 10], [5, 0, 10, 10])).toBeCloseTo(1 / 3)
    expect(boxIou([0, 0, 10, 10], [5, 0, 10, 10], true)).toBeCloseTo(1 / 2)
  })
})

describe('rotatedBoxIou', () => {
  it('agrees with boxes that are not turned', () => {
    const side = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(side, side, side, side, fc.integer({ min: 0, max: 20 }), (w, h, v, g, x) => {
        const a = { cx: w / 2, cy: h / 2, width: w, height: h, angle: 0 }
        const b = { cx: x + v / 2, cy: g / 2, width: v, height: g, angle: Math.PI }
        expect(rotatedBoxIou(a, b)).toBeCloseTo(boxIou([0, 0, w, h], [x, 0, v, g]), 9)
      }),
    )
  })

  it('cuts an octagon out of a square and the same square turned by 45°', () => {
    const square = { cx: 0, cy: 0, width: 2, height: 2, angle: 0 }
    const octagon = 8 * (Math.SQRT2 - 1)
    expect(rotatedBoxIou(square, { ...square, angle: Math.PI / 4 })).toBeCloseTo(
      octagon / (8 - octagon),
    )
  })
})

describe('partsArea', () => {
  it('takes holes out, whichever way rings run', () => {
    const hole = [2, 2, 4, 2, 4, 4, 2, 4]
    const reversed = [2, 4, 4, 4, 4, 2, 2, 2]
    expect([partsArea([[SQUARE, hole]]), partsArea([[SQUARE, reversed]])]).toEqual([96, 96])
  })
})

describe('partsIou', () => {
  it('knows holes, and rings that are not convex', () => {
    const withHole = [[SQUARE, rectangle(2, 2, 6, 6)]]
    expect(partsIou(withHole, [[rectangle(2, 2, 6, 6)]])).toBe(0)
    expect(partsIou(withHole, [[SQUARE]])).toBeCloseTo(0.64)
  })

  it('counts what a ring that crosses itself encloses', () => {
    const bowTie = [0, 0, 10, 10, 10, 0, 0, 10]
    expect(partsIou([[bowTie]], [[SQUARE]])).toBeCloseTo(0.5)
  })

  it('measures scribbles and huge polygons closely enough', () => {
    const many = Array.from({ length: 3000 }, (_, index) => [
      500 + 400 * Math.cos((index * Math.PI) / 1500),
      500 + 400 * Math.sin((index * Math.PI) / 1500),
    ]).flat()
    expect(partsIou([[many]], [[rectangle(100, 100, 800, 800)]])).toBeCloseTo(Math.PI / 4, 2)
    expect(partsIou([[scribble(400)]], [[scribble(400)]])).toBeCloseTo(1)
  })
})

describe('ellipseRing', () => {
  it('has the area of the ellipse', () => {
    const ellipse = { cx: 5, cy: 5, rx: 4, ry: 2, angle: 0.3 }
    expect(ringArea(ellipseRing(ellipse))).toBeCloseTo(ellipseArea(ellipse), 6)
  })
})

describe('iouOf', () => {
  it('is the same from either side, in 0…1, and 1 for a shape with an area and itself', () => {
    fc.assert(
      fc.property(geometry, geometry, (a, b) => {
        const iou = iouOf(a, b)
        expect(iou).toBeCloseTo(iouOf(b, a), 6)
        expect(iou >= 0 && iou <= 1).toBe(true)
        // Rings of these may cross themselves so that nothing is inside.
        const isSolid = areaOf(a) > 0 && !['polygon', 'text', 'quad', 'polyline'].includes(a.type)
        expect(isSolid ? iouOf(a, a) : 1).toBeCloseTo(1, 6)
      }),
    )
  })

  it('compares a polygon with its mask', () => {
    const polygon: Geometry = { type: 'polygon', parts: [[SQUARE]] }
    const mask = polygonToMask([[SQUARE]], 20, 20)
    expect(mask && iouOf(polygon, maskGeometry(mask))).toBe(1)
  })

  it('is 0 for things that cannot be compared', () => {
    expect(iouOf({ type: 'label' }, { type: 'caption', text: 'a' })).toBe(0)
  })
})

describe('geometry', () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e308, -1e308, 0, 1),
  )
  const numbers = fc.array(number, { maxLength: 12 })
  const hostile: fc.Arbitrary<Geometry> = fc.oneof(
    fc
      .tuple(number, number, number, number, number)
      .chain(([x, y, width, height, angle]) =>
        fc.constantFrom<Geometry>(
          { type: 'box', x, y, width, height },
          { type: 'rotated-box', cx: x, cy: y, width, height, angle },
          { type: 'ellipse', cx: x, cy: y, rx: width, ry: height, angle },
          { type: 'mask', width, height, counts: '0' },
          { type: 'temporal-segment', startSeconds: x, endSeconds: y },
        ),
      ),
    numbers.chain((points) =>
      fc.constantFrom<Geometry>(
        { type: 'quad', points },
        { type: 'polyline', points, closed: true },
        { type: 'points', points, visibility: [] },
        { type: 'polygon', parts: [[points, points], [], [[]]] },
      ),
    ),
    fc.string().map((counts): Geometry => ({ type: 'mask', width: 9, height: 9, counts })),
  )

  it('of hostile numbers never throws, and measures are numbers', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        expect(Number.isFinite(areaOf(a)) && areaOf(a) >= 0).toBe(true)
        expect(boundsOf(a)?.some(Number.isNaN) ?? false).toBe(false)
        const iou = iouOf(a, b)
        expect(iou >= 0 && iou <= 1).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
